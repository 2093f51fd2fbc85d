from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners


class ActivitiesConfig(AppConfig):
    name = "licheng.school.activities"
    label = "activities"
    verbose_name = "多元表現"

    def ready(self) -> None:
        """Have the guard name the student of a lost file."""
        tell = import_string("licheng.foundations.files.losses.students_in")
        owners.register(tell(self.get_model("Activity")))
