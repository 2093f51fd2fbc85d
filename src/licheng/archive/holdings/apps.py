from django.apps import AppConfig
from django.utils.module_loading import import_string

from licheng.foundations import privacy
from licheng.foundations.custody import owners, references


class HoldingsConfig(AppConfig):
    name = "licheng.archive.holdings"
    label = "holdings"
    verbose_name = "典藏"

    def ready(self) -> None:
        """Have custody ask which contents held items still name, and whose they are."""
        references.register(self.get_model("HeldFile"))
        owners.register(import_string("licheng.archive.holdings.queries.owners_of"))
        place = import_string("licheng.archive.holdings.models.id_number_place")
        privacy.register(
            privacy.SealedColumn(
                model="holdings.HeldStudent",
                column="id_number_sealed",
                place=lambda student: place(student.school_code, student.number),
                index="id_number_index",
            )
        )
