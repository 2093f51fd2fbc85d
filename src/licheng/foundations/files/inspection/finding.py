from django.utils.functional import Promise

type Facts = dict[str, int | float | str]


class Unfit(Exception):
    """A reason not to take a file: a stable code and a sentence for the person who chose it."""

    def __init__(self, code: str, says: str | Promise, **data: object) -> None:
        super().__init__(code)
        self.code = code
        self.says = says
        self.data = data

    @property
    def sentence(self) -> str:
        """The reason in the reader's language."""
        return str(self.says).format_map(self.data) if self.data else str(self.says)
