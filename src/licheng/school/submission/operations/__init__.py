from licheng.school.submission.operations.exporting import export_package
from licheng.school.submission.operations.sealing import build_package, discard_batch, seal_batch
from licheng.school.submission.operations.sending import (
    ask_archive,
    mark_received,
    queue_under_way,
    send_package,
    submit_batch,
)

__all__ = [
    "ask_archive",
    "build_package",
    "discard_batch",
    "export_package",
    "mark_received",
    "queue_under_way",
    "seal_batch",
    "send_package",
    "submit_batch",
]
