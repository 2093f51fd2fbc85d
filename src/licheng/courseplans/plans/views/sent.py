"""What the views of forms share: a refusal said inside the form, with the words still in it."""

from django.forms import Form

from licheng.foundations.errors import DomainError, NotAllowed, NotFound, StepUpNeeded

ANSWERED_ELSEWHERE = (NotFound, NotAllowed, StepUpNeeded)  # pages of their own, not a sentence in the form
UNPROCESSABLE = 422


def say(form: Form, refusal: DomainError) -> int:
    """Say a refusal inside the form; the status of the answer. Raises what has a page of its own."""
    if isinstance(refusal, ANSWERED_ELSEWHERE):
        raise refusal
    form.add_error(None, refusal.whole)
    return refusal.status


def show_new(form: Form, **values: str) -> None:
    """Have the form, which was sent, show other values than were sent in some of its fields."""
    form.data = form.data.copy()  # type: ignore[attr-defined]  # a QueryDict once sent
    for name, value in values.items():
        form.data[form.add_prefix(name)] = value  # type: ignore[index]
