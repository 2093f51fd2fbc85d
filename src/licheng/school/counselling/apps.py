from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners


class CounsellingConfig(AppConfig):
    name = "licheng.school.counselling"
    label = "counselling"
    verbose_name = "課程諮詢"

    def ready(self) -> None:
        """Have the guard name the counsellor whose file is lost."""
        owners.register(import_string("licheng.school.counselling.queries.files_lost.counsellors_of"))
