"""What may be typed or chosen into an address: nothing that could be a person's name, account, ID number or e-mail.

Addresses stay in histories, bookmarks and logs. Whoever looks for people posts her words.
"""

import re

import pytest

from tests.codebase import SRC, python_files

FORM = re.compile(r"<form\b(.*?)>(.*?)</form>", re.DOTALL)
FIELD = re.compile(r"""\bname="([^"]+)"|:field="(?:form\.)?(\w+)\"""")

# Forms sent by GET, by template, with everything that comes into the address.
BY_GET = {
    "archive/intake/board.html": {"state", "school"},  # chosen from lists
    "courseplans/plans/board.html": {"state", "words"},  # words: a school's code or name
    "courseplans/plans/compare.html": {"with"},
    "courseplans/publishing/school.html": {"q", "school", "year"},  # q: a course's name or code, public
    "courseplans/publishing/search.html": {"q", "school", "county", "group", "domain", "year"},
    "school/frontdesk/choose.html": {"school"},  # a school's code or name
    "school/outcomes/queue.html": {"state", "course"},
    "school/people/looks.html": {"what"},
    "school/records/_semesters.html": {"semester"},
}
# What views read from an address besides: keys, states, places in lists, and words of the system.
READ = {
    *("page", "before", "next", "state", "view", "severity", "category", "quality", "what", "course"),
    *("semester", "month", "with", "moved", "by"),
    *("school", "words"),  # a school's code or name, as above
    *("code", "error", "iss"),  # what the issuer of another sign-in sends along, used once
}
# Who takes up everything: keys and words of the audit, and the public search, whose form stands above.
WHOLE = {"archive/intake/views.py", "school/oversight/views.py", "courseplans/publishing/views.py"}


def sent_by_get(template):
    """The fields of every form in a template that is not posted; one that writes out a whole form says so."""
    return {
        name
        for opening, body in FORM.findall(template)
        if 'method="post"' not in opening
        for name in ["".join(found) for found in FIELD.findall(body)]
    }


def test_forms_that_are_sent_in_an_address_hold_nothing_personal():
    found = {}
    for path in SRC.rglob("*.html"):
        if fields := sent_by_get(path.read_text(encoding="utf-8")):
            app = path.relative_to(SRC).parts
            found[f"{app[0]}/{app[1]}/{path.name}"] = fields

    assert found == BY_GET


@pytest.mark.parametrize(
    ("template", "fields"),
    [
        ('<form class="x"><input name="words"></form><form method="post"><input name="b"></form>', {"words"}),
        (
            '<form method="get">{% for field in form %}<c-field :field="field" />{% endfor %}</form>',
            {"field"},
        ),
        ('<form method="{{ method }}"><c-field :field="form.name" /></form>', {"name"}),
    ],
)
def test_a_form_sent_in_an_address_would_be_found(template, fields):
    assert sent_by_get(template) == fields


def read_from_address(source):
    """The names that a module reads from an address, and whether it takes up everything that stands there."""
    names = set()
    for function in re.split(r"\n(?=def |class )", source):
        holders = ["request.GET", *re.findall(r"(\w+) = .*request\.GET$", function, re.MULTILINE)]
        named = "|".join(map(re.escape, holders))
        names |= set(re.findall(rf"""\b(?:{named})(?:\.get\(|\[)"(\w+)\"""", function))
    one_by_one = re.findall(r"request\.GET(?:\.get\(|\[|$)", source, re.MULTILINE)
    return names, source.count("request.GET") > len(one_by_one)


def test_views_read_nothing_personal_from_an_address():
    names, whole = set(), set()
    for path in python_files(SRC):
        if "request.GET" in (source := path.read_text(encoding="utf-8")):
            read, is_whole = read_from_address(source)
            names |= read
            whole |= {path.relative_to(SRC).as_posix()} if is_whole else set()

    assert (names, whole) == (READ, WHOLE)


@pytest.mark.parametrize(
    ("source", "read"),
    [
        ('page(request.GET.get("account", ""))', ({"account"}, False)),
        ('asked = request.GET\npage(asked.get("name"), asked["email"])', ({"name", "email"}, False)),
        ('asked = request.POST if x else request.GET\npage(asked.get("q"))', ({"q"}, False)),
        ("form = PersonForm(request.GET)", (set(), True)),
    ],
)
def test_what_a_view_reads_from_an_address_would_be_found(source, read):
    assert read_from_address(source) == read
