from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy


class SubmissionConfig(AppConfig):
    name = "licheng.school.submission"
    label = "submission"
    verbose_name = "提交"

    def ready(self) -> None:
        """Have the passwords of packages sealed anew whenever keys change."""
        place = import_string("licheng.school.submission.operations.sealing.password_place")
        privacy.register(privacy.SealedColumn("submission.Batch", "password_sealed", place))
