"""The archive's audit as its operators read it: who stands behind an act, and whom one may look for."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from licheng.archive.intake.models import RegisteredSchool
from licheng.archive.intake.permissions import SEE_ACTS
from licheng.foundations.accounts.models import User
from licheng.foundations.audit import queries as audit
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.audit.queries import ActsPage, Wanted
from licheng.foundations.authz import Actor, found


def acts_page(actor: Actor, wanted: Wanted, before: str) -> ActsPage:
    """Acts at the archive. Raises NotFound for everybody but operators."""
    found(User.objects.all(), actor, SEE_ACTS, actor.person_id)
    return audit.acts_page(None, wanted, before, names_of)


def names_of(rows: Sequence[AuditEntry]) -> dict[int, str]:
    """Operators and schools by what programs call them; a key alone may be either's. Two queries."""
    labels = {row.actor_label for row in rows}
    known = dict(choices(labels))
    return {row.pk: known[row.actor_label] for row in rows if row.actor_label in known}


def key_of(label: str) -> int | None:
    """The key beside which the audit holds this label; the index goes by it."""
    kind, _colon, name = label.partition(":")
    if kind == "operator" and name.isdecimal():
        return int(name)
    return RegisteredSchool.objects.filter(code=name).values_list("pk", flat=True).first()


def choices(labels: set[str] | None = None) -> list[tuple[str, str]]:
    """Whom one may look for: the label and the name, operators first; those with these labels, or all."""
    operators, schools = User.objects.filter(is_operator=True), RegisteredSchool.objects.all()
    if labels is not None:
        parts = [label.partition(":") for label in labels]
        keys = [key for kind, _colon, key in parts if kind == "operator" and key.isdecimal()]
        operators = User.objects.filter(pk__in=keys)
        schools = schools.filter(code__in=[code for kind, _colon, code in parts if kind == "school"])
    people = [
        (f"operator:{user.pk}", _("%(name)s（%(account)s）") % {"name": user.name, "account": user.login})
        for user in operators.order_by("login")
    ]
    names = schools.order_by("code").values_list("code", "name")
    return people + [(f"school:{code}", f"{code} {name}") for code, name in names]
