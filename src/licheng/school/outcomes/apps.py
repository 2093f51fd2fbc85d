from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners


class OutcomesConfig(AppConfig):
    name = "licheng.school.outcomes"
    label = "outcomes"
    verbose_name = "課程學習成果"

    def ready(self) -> None:
        """Have the guard name the student of a lost file."""
        tell = import_string("licheng.foundations.files.losses.students_in")
        owners.register(tell(self.get_model("Outcome")))
