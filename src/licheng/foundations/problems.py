"""Refusals as RFC 9457 problem details: the one form in which machines of every site read them."""

from http import HTTPStatus

from django.http import JsonResponse

from licheng.foundations.errors import DomainError, TooMany

PROBLEM_TYPE = "urn:licheng:problem:"
CONTENT_TYPE = "application/problem+json"
PHRASES = {460: "Checksum Mismatch"}  # of tus 1.0; HTTP's own register does not have it


def problem(error: DomainError) -> dict[str, object]:
    """A refusal as RFC 9457 problem details, with the stable code as its type."""
    return {
        "type": PROBLEM_TYPE + error.code,
        "title": PHRASES.get(error.status) or HTTPStatus(error.status).phrase,
        "status": error.status,
        "detail": error.sentence,
        "remedy": error.what_to_do,
        "code": error.code,
    }


def problem_answer(error: DomainError) -> JsonResponse:
    """A refusal as the answer to a machine; one for asking too often says when to come back, in seconds."""
    answer = JsonResponse(problem(error), status=error.status, content_type=CONTENT_TYPE)
    if isinstance(error, TooMany):
        answer["Retry-After"] = str(int(str(error.data["wait"])) * 60)
    return answer
