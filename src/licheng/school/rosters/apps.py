from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy


class RostersConfig(AppConfig):
    name = "licheng.school.rosters"
    label = "rosters"
    verbose_name = "名冊匯入"

    def ready(self) -> None:
        """Have waiting files sealed anew whenever keys change."""
        place = import_string("licheng.school.rosters.sealed.file_place")
        privacy.register(
            privacy.SealedColumn("rosters.RosterImport", "content_sealed", place, rows_at_once=10)
        )
