from licheng.school.uploads.operations.accepting import accept_preparation, drop_preparation
from licheng.school.uploads.operations.arranging import arrange_photo, order_photos, remove_photo
from licheng.school.uploads.operations.expiring import sweep_uploads
from licheng.school.uploads.operations.finishing import finish_left_upload, finish_left_uploads, finish_upload
from licheng.school.uploads.operations.preparing import make_preparation
from licheng.school.uploads.operations.sending import (
    append_bytes,
    drop_upload,
    settle_offset,
    start_upload,
    take_whole,
)
from licheng.school.uploads.operations.starting import start_photos, start_reduction
from licheng.school.uploads.operations.tidying import tidy_preparations

__all__ = [
    "accept_preparation",
    "append_bytes",
    "arrange_photo",
    "drop_preparation",
    "drop_upload",
    "finish_left_upload",
    "finish_left_uploads",
    "finish_upload",
    "make_preparation",
    "order_photos",
    "remove_photo",
    "settle_offset",
    "start_photos",
    "start_reduction",
    "start_upload",
    "sweep_uploads",
    "take_whole",
    "tidy_preparations",
]
