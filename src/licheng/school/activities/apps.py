from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners


class ActivitiesConfig(AppConfig):
    name = "licheng.school.activities"
    label = "activities"
    verbose_name = "多元表現"

    def ready(self) -> None:
        """Have the guard name the student of a lost file, and the working group told whom a cap affects."""
        tell = import_string("licheng.foundations.files.losses.students_in")
        owners.register(tell(self.get_model("Activity")))
        register = import_string("licheng.school.governance.queries.register_affected")
        register("activities_per_year", import_string("licheng.school.activities.queries.students_over_year"))
