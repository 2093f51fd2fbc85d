import csv
import io
from dataclasses import asdict

from django.db import transaction
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from licheng_exchange import export_cell

from licheng.foundations.audit.operations import record
from licheng.foundations.audit.queries import Wanted, acts_wanted, lines_of
from licheng.foundations.authz import Actor, require
from licheng.school.oversight.permissions import EXPORT
from licheng.school.oversight.queries import names_of
from licheng.school.people.actors import school_of

MOST = 50_000  # own bound: what a spreadsheet opens at once


@transaction.atomic
def export_acts(*, actor: Actor, wanted: Wanted) -> str:
    """The acts that were asked for as CSV, newest first, at most MOST; no cell can act as a formula.

    Raises NotAllowed for whoever may not, StepUpNeeded without a fresh proof of identity.
    """
    school = school_of(actor)
    require(actor, EXPORT, school)
    lines = lines_of(acts_wanted(school.pk, wanted)[:MOST], names_of)
    out = io.StringIO()
    out.write("\ufeff")
    rows = csv.writer(out)
    rows.writerow([_("編號"), _("時間"), _("誰"), _("做了什麼"), _("對象"), _("內容")])
    for line in lines:
        cells = (str(line.entry_id), f"{localtime(line.at):%Y-%m-%d %H:%M:%S}", line.who, line.what)
        rows.writerow([export_cell(cell) for cell in (*cells, line.subject, "; ".join(line.facts))])
    asked = {name: str(value) for name, value in asdict(wanted).items() if value}
    record(actor=actor, action="audit.exported", subject=school, rows=len(lines), asked=asked)
    return out.getvalue()
