from django.http import HttpRequest


class Beginning:
    """A form for people who aren't signed in yet, with what the site knows of them before they type."""

    def initial(self, request: HttpRequest) -> dict[str, str]:
        """What stands in the form already; nothing, unless the site says so."""
        del request
        return {}
