"""Every address of a site, read from its URL patterns, and addresses filled in with a school's rows."""

import re
from dataclasses import dataclass
from itertools import product

from django.urls import URLPattern, get_resolver, reverse

PARAMETER = re.compile(r"<(?:[^:<>]+:)?(\w+)>|\(\?P<(\w+)>")
PLAIN = {"role": ["document", "media"], "number": [1], "path": ["tile/0/000"], "item_kind": ["outcome"]}
PLAIN |= {"token": ["1-made-up"], "manual": ["student"], "secret": ["A" * 43]}
PLAIN |= {"roster_kind": ["students"], "side": ["before", "after"], "step": ["up"]}


@dataclass(frozen=True)
class Address:
    """One URL pattern: its name with namespaces, and the names of what must be filled in."""

    name: str
    parameters: tuple[str, ...]

    @property
    def has_id(self):
        """Whether a row is named in it."""
        return any(parameter.endswith("_id") for parameter in self.parameters)

    def filled(self, rows):
        """The address for every combination of the rows' keys."""
        # uploads name an item by its kind and id; elsewhere an item is one of a receipt
        item = {"item_id": rows.get("outcome_id")} if "item_kind" in self.parameters else {}
        values = [PLAIN.get(name) or item.get(name) or rows[name] for name in self.parameters]
        return [
            reverse(self.name, kwargs=dict(zip(self.parameters, chosen, strict=True)))
            for chosen in product(*values)
        ]


def addresses(urlconf):
    """All patterns of a site that have a name; one without a name is an error here."""
    return sorted(_walk(get_resolver(urlconf).url_patterns, "", ""), key=lambda address: address.name)


def _walk(patterns, prefix, route):
    for entry in patterns:
        here = route + str(entry.pattern)
        if isinstance(entry, URLPattern):
            if not entry.name:
                raise ValueError(f"{here} has no name")
            yield Address(prefix + entry.name, tuple(a or b for a, b in PARAMETER.findall(here)))
        else:
            namespace = f"{entry.namespace}:" if entry.namespace else ""
            yield from _walk(entry.url_patterns, prefix + namespace, here)


def keys_of(school, turn):
    """What the addresses of the school site are filled in with: rows of one school, of another state at each turn."""
    outcomes, activities = list(school.outcomes.values()), list(school.activities.values())
    return {
        "outcome_id": [outcomes[turn % len(outcomes)].pk],
        "activity_id": [activities[turn % len(activities)].pk],
        "consultation_id": [school.own["Consultation-planned" if turn % 2 else "Consultation-held"].pk],
        "enrolment_id": [school.own["Enrolment"].pk],
        "class_id": [school.own["ClassGroup"].pk],
        "person_id": [school.own["Person"].pk],
        "offering_id": [school.own["Offering"].pk],
        "grant_id": [school.own["RoleGrant"].pk],
        "deputy_id": [school.own["CourseDeputy"].pk],
        "session_id": [school.own["StaffSession"].pk],
        "device_id": [school.own["UserSession"].pk],
        "guardian_link_id": [school.own["GuardianLink"].pk],
        "guardian_code_id": [school.own["GuardianCode"].pk],
        "school_code": [school.school.code],
        "question_id": [school.own["HelpRequest"].pk],
        "announcement_id": [school.own["Announcement"].pk],
        "change_id": [school.own["SettingChange"].pk],
        "extension_id": [school.own["Extension"].pk],
        "import_id": [school.own["RosterImport"].pk],
        "batch_id": [school.own["Batch"].pk],
        "receipt_id": [school.own["StudentReceipt"].pk],
        "item_id": [school.own["ReceiptItem"].pk],
        "upload_id": [school.own["Upload"].pk, school.own["Photo"].pk],
        "factor_id": [school.own["Authenticator"].pk],
        "identity_id": [school.own["SocialAccount"].pk],
        "token_id": [school.own["MachineToken"].pk],
        "preparation_id": [school.own["Preparation"].pk],
    }
