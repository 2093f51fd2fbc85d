from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy


class PeopleConfig(AppConfig):
    name = "licheng.school.people"
    label = "people"
    verbose_name = "人員"

    def ready(self) -> None:
        """Have ID numbers sealed and indexed anew whenever keys change."""
        place = import_string("licheng.school.people.models.id_number_place")
        privacy.register(
            privacy.SealedColumn(
                model="people.Student",
                column="id_number_sealed",
                place=lambda student: place(student.school_id, student.person_id),
                index="id_number_index",
            )
        )
