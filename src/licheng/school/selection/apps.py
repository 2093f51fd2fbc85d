from django.apps import AppConfig
from django.utils.module_loading import import_string

COUNTS = {
    "outcomes_selected_per_semester": "students_over_outcomes_of_semester",
    "outcomes_selected_per_year": "students_over_outcomes_of_year",
    "activities_selected_per_year": "students_over_activities_of_year",
}


class SelectionConfig(AppConfig):
    name = "licheng.school.selection"
    label = "selection"
    verbose_name = "勾選"

    def ready(self) -> None:
        """Have the working group told whom a cap affects."""
        register = import_string("licheng.school.governance.queries.register_affected")
        for cap, count in COUNTS.items():
            register(cap, import_string(f"licheng.school.selection.queries.{count}"))
