from uuid import UUID

from django.http import HttpRequest, HttpResponseBase

from licheng.foundations.errors import NotFound
from licheng.foundations.files import serving
from licheng.foundations.files.queries import file_of_link


def give(request: HttpRequest, file_id: UUID, form: str, token: str) -> HttpResponseBase:
    """One form of one file, for whoever holds a fresh link that the site signed.

    Raises NotFound for any other link, and as `serving.answer`.
    """
    if not serving.is_signed(file_id, form, token):
        raise NotFound
    return serving.answer(request, file_of_link(file_id), form)
