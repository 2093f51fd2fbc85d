from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations.custody import owners

COUNTS = {
    "outcomes_per_semester": "licheng.school.outcomes.queries.students_over_semester",
    "outcomes_per_course": "licheng.school.outcomes.queries.students_over_course",
}


class OutcomesConfig(AppConfig):
    name = "licheng.school.outcomes"
    label = "outcomes"
    verbose_name = "課程學習成果"

    def ready(self) -> None:
        """Have the guard name the student of a lost file, and the working group told whom a cap affects."""
        tell = import_string("licheng.foundations.files.losses.students_in")
        owners.register(tell(self.get_model("Outcome")))
        register = import_string("licheng.school.governance.queries.register_affected")
        for cap, count in COUNTS.items():
            register(cap, import_string(count))
