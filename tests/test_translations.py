"""English says all that Chinese says: a complete catalogue, built, and pages without a Chinese word of the interface."""

import re
import shutil
from collections import Counter
from html import unescape
from http import HTTPStatus

import polib
import pytest
from django.apps import apps
from django.conf import settings as configured
from django.core.management import call_command
from django.db.models import CharField, JSONField, TextField
from django.forms import Field
from django.test import Client
from django.urls import reverse
from django.utils.translation import override
from licheng_exchange import KINDS, code_table

from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.archive.intake.operations import add_operator
from licheng.foundations.authz import Actor
from licheng.school.people.private_forms import RELATIONS
from licheng.school.rosters.examples import example_of
from licheng.school.rosters.models import RosterKind
from tests.addresses import addresses, keys_of
from tests.codebase import SRC, short
from tests.pages import faults_in
from tests.test_tenancy import ARCHIVE, ROLES, SCHOOL
from tests.world import make_world

CATALOGUE = SRC / "locale" / "en" / "LC_MESSAGES" / "django.po"
OWN_WORDS = SRC / "locale" / "zh_Hant" / "LC_MESSAGES" / "django.po"
# Words, and the punctuation that would look wrong between English ones.
CHINESE = re.compile(r"[\u3001\u3002\u3008-\u3011\u4e00-\u9fff\uff08\uff09\uff0c\uff1a\uff1b\uff1f\uff01]+")
PLACEHOLDER = re.compile(r"%\(\w+\)[\d.]*[a-z]|%%|\{\w*\}")
NOT_SHOWN = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}", re.DOTALL)
MARKED = re.compile(
    r"\{% blocktranslate\b.*?\{% endblocktranslate %\}|\{% translate\b.*?%\}|(?<=[:|])_\(\"[^\"]*\"\)",
    re.DOTALL,
)
LANGUAGE_BUTTON = '{% if LANG == "en" %}中文{% else %}'


def entries():
    return list(polib.pofile(str(CATALOGUE)))


def key(entry):
    """What makes an entry the one it is."""
    return entry.msgctxt, entry.msgid, entry.msgid_plural


def sentences(entry):
    """What an entry says: one translation, or one for each number."""
    return list(entry.msgstr_plural.values()) if entry.msgid_plural else [entry.msgstr]


def faults(found):
    """Entries that a reader of English would notice, with what is wrong about them."""
    wrong = {}
    for entry in found:
        said = sentences(entry)
        if "fuzzy" in entry.flags or not all(said):
            wrong[entry.msgid] = "not translated"
        elif any(CHINESE.search(sentence) for sentence in said):
            wrong[entry.msgid] = "Chinese in English"
        elif any(Counter(PLACEHOLDER.findall(s)) != Counter(PLACEHOLDER.findall(entry.msgid)) for s in said):
            wrong[entry.msgid] = "placeholders differ"
    return wrong


def test_every_entry_is_translated_and_keeps_its_placeholders():
    assert faults(entries()) == {}
    assert not polib.pofile(str(CATALOGUE)).metadata_is_fuzzy


@pytest.mark.parametrize(
    ("entry", "what"),
    [
        (polib.POEntry(msgid="送出"), "not translated"),
        (polib.POEntry(msgid="送出", msgstr="Send", flags=["fuzzy"]), "not translated"),
        (polib.POEntry(msgid="送出", msgstr="送 it"), "Chinese in English"),
        (polib.POEntry(msgid="%(n)s 件", msgstr="%(m)s items"), "placeholders differ"),
        (
            polib.POEntry(msgid="{n} 字", msgid_plural="{n} 字", msgstr_plural={0: "{n}", 1: ""}),
            "not translated",
        ),
    ],
)
def test_a_faulty_entry_would_be_found(entry, what):
    assert faults([entry]) == {entry.msgid: what}


@pytest.mark.parametrize("path", [CATALOGUE, OWN_WORDS])
def test_the_built_catalogue_is_the_written_one(path):
    built = {key(entry): sentences(entry) for entry in polib.mofile(str(path.with_suffix(".mo")))}

    assert built == {key(entry): sentences(entry) for entry in polib.pofile(str(path))}


def test_an_empty_field_says_what_to_do():
    with override("zh-hant"):
        assert str(Field.default_error_messages["required"]) == "請填寫這一欄。"


def test_a_fresh_extraction_finds_what_the_catalogue_holds(tmp_path, monkeypatch, settings):
    tree = tmp_path / "licheng"
    shutil.copytree(SRC, tree, ignore=shutil.ignore_patterns("locale", "static", "__pycache__"))
    (tree / "locale").mkdir()
    settings.LOCALE_PATHS = [tree / "locale"]
    monkeypatch.chdir(tree)

    call_command("makemessages", locale=["en"], no_location=True, verbosity=0)

    fresh = polib.pofile(str(tree / "locale" / "en" / "LC_MESSAGES" / "django.po"))
    assert {key(entry) for entry in fresh} == {key(entry) for entry in entries()}


def unmarked(template):
    """Chinese in a template that no translation would reach."""
    return CHINESE.findall(MARKED.sub("", NOT_SHOWN.sub("", template.replace(LANGUAGE_BUTTON, ""))))


def test_templates_mark_every_chinese_word():
    templates = [path for path in SRC.rglob("*.html") if "static" not in path.parts]

    assert templates
    assert {short(p): words for p in templates if (words := unmarked(p.read_text(encoding="utf-8")))} == {}


def test_an_unmarked_word_would_be_found():
    marked = "{# 註解 #}{% translate '送出' %}{% blocktranslate with n=3 %}{{ n }} 件{% endblocktranslate %}"

    assert unmarked(marked + '{{ a|default:_("沒有") }}') == []
    assert unmarked(marked + """<c-x :label="_('送出')" /><p>課程：</p>""") == ["送出", "課程："]


def texts(value):
    """Every text inside a JSON value, except sentences that stand beside their English."""
    if isinstance(value, dict):
        return [text for key, each in value.items() if key != "text_zh" for text in texts(each)]
    if isinstance(value, list):
        return [text for each in value for text in texts(each)]
    return [value] if isinstance(value, str) else []


def data():
    """What schools and people wrote, the columns and samples of rosters, official names, and the other language's."""
    found = {dict(configured.LANGUAGES)["zh-hant"], *(example_of(RosterKind(name)) for name in KINDS)}
    found |= {column.header for kind in KINDS.values() for column in kind.columns}
    found |= set(RosterKind.values)  # the ministry's own names of its sheets stand in addresses and choices
    found |= {row.name_zh for table in ("group", "department") for row in code_table(table)}
    found |= {value for value, _label in RELATIONS}  # kept as chosen, whatever the language of the page
    for model in apps.get_models():
        names = [
            f.name for f in model._meta.concrete_fields if isinstance(f, CharField | TextField | JSONField)
        ]
        found |= {text for row in model._base_manager.values_list(*names) for text in texts(list(row))}
    return sorted((text for text in found if CHINESE.search(text)), key=len, reverse=True)


def chinese_left(page, known):
    """Chinese on a page beside data."""
    text = "\n".join(line for line in unescape(page).splitlines() if CHINESE.search(line))
    for words in known:
        text = text.replace(words, "")
    return sorted(set(CHINESE.findall(text)))


def english_page(client, url):
    """The page of an address in English, None where it answers with something else."""
    client.cookies[configured.LANGUAGE_COOKIE_NAME] = "en"
    response = client.get(url)
    if response.streaming:
        list(response.streaming_content)  # read to the end, so that the file behind it is closed
        return None
    is_page = response.headers.get("Content-Type", "").startswith("text/html")
    return response if is_page and response.content else None


def left_on(client, urls):
    """The addresses whose page is not all English, or holds what its content policy would refuse to run."""
    known = data()
    pages = {url: page.content.decode() for url in urls if (page := english_page(client, url))}
    assert pages
    return {
        url: found for url, page in pages.items() if (found := [*chinese_left(page, known), *faults_in(page)])
    }


@pytest.fixture
def school(db, settings):
    settings.ROOT_URLCONF = SCHOOL
    settings.ARCHIVE_KEYS.write_text("", encoding="utf-8")
    return make_world().here


# Who sees pages of items in all their states; the same pages for others are met in one state.
IN_EVERY_STATE = {"owner", "teacher"}
# These see no kind of page that nobody else sees: their turn is in make drills.
AS_OTHERS = {
    *("classmate", "other_teacher", "homeroom", "counsellor"),
    *("activity_submitter", "outcome_submitter", "receipt_officer"),
}
BY_ROLE = [pytest.param(role, marks=[pytest.mark.slow] if role in AS_OTHERS else []) for role in ROLES]


@pytest.mark.parametrize("role", BY_ROLE)
def test_school_pages_in_english_hold_no_chinese_but_data_and_nothing_that_could_run(school, role):
    # refusals look alike to everybody: one person meets them as pages, the others as JSON
    client = Client(headers={} if role == "owner" else {"Accept": "application/json"})
    client.force_login(school.cast[role].user)
    waiting = list(school.outcomes).index("waiting")  # the state that most pages take
    turns = [keys_of(school, waiting + turn) for turn in range(len(school.outcomes))]
    # the handbooks are written in Chinese; only the frame around them is in two languages
    pages = [address for address in addresses(SCHOOL) if address.name != "frontdesk:manual"]
    once = [url for address in pages for url in address.filled(turns[0])]
    shown = [
        address
        for address in addresses(SCHOOL)
        if role in IN_EVERY_STATE
        and {"outcome_id", "activity_id"} & {*address.parameters}
        and not address.name.endswith("who")  # rules, whatever the state
        and (page := english_page(client, address.filled(turns[0])[0]))
        and page.status_code == HTTPStatus.OK
    ]
    in_every_state = [url for address in shown for turn in turns[1:] for url in address.filled(turn)]

    assert left_on(client, [*once, *in_every_state]) == {}


def test_pages_for_strangers_hold_no_chinese_but_data(school):
    assert left_on(Client(), [reverse(name) for name in ("sign_in", "status", "verify")]) == {}


def test_archive_pages_in_english_hold_no_chinese_but_data(db, settings, client):
    settings.ROOT_URLCONF = ARCHIVE
    settings.ACTOR_OF = "licheng.archive.intake.actors.actor_of"
    settings.NAVIGATION = "licheng.archive.navigation.navigation"
    name = "測試操作員"
    user, _code = add_operator(actor=Actor.system("test"), account="op1", name=name)
    client.force_login(user)
    deposit = Deposit.objects.create(
        school=RegisteredSchool.objects.create(code="000001", name="第一高中", keys=""),
        school_year=115,
        package_sha256="0" * 64,
        package_bytes=1,
        password_sealed=b"",
        state="refused",
        problems=[{"file": "a.pdf", "rule": "x", "text_zh": "檔案不符", "text_en": "The file differs."}],
    )
    pages = [
        address
        for address in addresses(ARCHIVE)
        if not address.name.startswith("archive-api:") and {*address.parameters} <= {"deposit_id"}
    ]

    assert left_on(client, [url for page in pages for url in page.filled({"deposit_id": [deposit.pk]})]) == {}


def test_a_chinese_word_on_a_page_would_be_found(school):
    client = Client()
    client.force_login(school.cast["owner"].user)
    with override(None):
        assert chinese_left(client.get("/").content.decode(), data()) != []
