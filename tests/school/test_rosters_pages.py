"""The roster pages: uploading, reading what is wrong, downloading it; every bad file of the sample country."""

import csv
import io
import json
import re

import pytest
from django import forms
from django.core.files.uploadedfile import SimpleUploadedFile
from django.forms import CheckboxSelectMultiple, RadioSelect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import strip_tags

from licheng.foundations.ui.templatetags.licheng_ui import is_settled
from licheng.school.people.models import Role
from licheng.school.rosters.forms import LIMIT_BYTES
from licheng.school.rosters.models import RosterImport, RosterKind
from licheng.school.rosters.operations import check_roster_file, write_roster
from licheng.school.rosters.states import ImportState
from tests import factories
from tests.school import roster_files as files

pytestmark = pytest.mark.django_db
URL = "/rosters/"
BAD = sorted(path.name for path in (files.COUNTRY / "bad").iterdir())


@pytest.fixture
def office(client):
    person = files.registrar()
    client.force_login(person.user)
    factories.fresh(client)
    return person


def upload(client, data, name="roster.csv", kind="", **more):
    """Send a file, let the worker check it, and look at its page; a form that was refused comes back as it is."""
    file = SimpleUploadedFile(name, data if isinstance(data, bytes) else data.encode())
    answer = client.post(URL, {"file": file, "kind": kind, **more})
    if answer.status_code != 302:
        return answer
    roster = RosterImport.objects.first()
    check_roster_file(actor=files.clock(roster.school_id), import_id=roster.pk)
    return client.get(answer.url)


def press(client, name, roster):
    """Press a button of an import's page, let the worker write, and look at the page."""
    answer = client.post(reverse(f"rosters:{name}", args=[roster.pk]))
    write_roster(actor=files.clock(roster.school_id), import_id=roster.pk)
    return client.get(answer.url) if answer.status_code == 302 else answer


def bring_in(client, data, name="roster.csv", kind=""):
    """A file through upload, preview and confirmation."""
    answer = upload(client, data, name, kind)
    roster = RosterImport.objects.first()
    return press(client, "apply", roster) if roster.state == ImportState.READY else answer


def text_of(answer):
    return answer.content.decode()


@pytest.mark.parametrize("case", BAD)
def test_bad_files_of_the_sample_country(client, office, case):
    folder = files.COUNTRY / "bad" / case
    expected = json.loads((folder / "expected.json").read_text(encoding="utf-8"))
    for kind in files.KINDS:
        if kind != expected["kind"]:
            bring_in(client, *files.sample(files.CODE, kind), kind=kind)
        if kind == RosterKind.CLASSES and expected["kind"] == "students":
            break
    before = files.counts()

    answer = bring_in(client, (folder / expected["file"]).read_bytes(), expected["file"], expected["kind"])

    wrong = [
        (finding["row"], finding["column"])
        for finding in expected["findings"]
        if finding["severity"] == "error"
    ]
    if case == "empty_file":
        assert (answer.status_code, files.counts()) == (422, before)
        assert "檔案是空的" in text_of(answer)
        return
    attempt = RosterImport.objects.first()
    errors = [(issue["row"], issue["column"]) for issue in attempt.issues if issue["severity"] == "error"]
    assert (attempt.file_name, errors) == (expected["file"], wrong)
    assert attempt.accepted == expected["accepted"]
    if not wrong:
        assert attempt.state == ImportState.APPLIED
        return
    assert (attempt.state, files.counts()) == (ImportState.REFUSED, before)
    for row, column in wrong:
        assert f"第 {row} 列「{column}」" in text_of(answer)
    assert "資料沒有任何變動" in text_of(answer)


@pytest.mark.parametrize(
    ("data", "name", "says"),
    [
        (b"", "students.csv", "檔案是空的"),
        (b"\xef\xbb\xbf", "students.csv", "檔案是空的"),
        (b"MZ\x90\x00\x03\x00\x00\x00\x04\x00\x00\x00\xff\xff\x00\x00", "students.csv", None),
        (b"\x7fELF\x02\x01\x01\x00", "students.xlsx", None),
        (b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", "students.csv", None),
        (b"PK\x03\x04" + b"\x00" * 60, "students.xlsx", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\x00" * 512, "students.xls", ".xlsx"),
        (b"<html><table><tr><td>1</td></tr></table></html>", "students.xls", "網頁表格"),
        ("天氣,溫度\n晴,30\n".encode(), "students.csv", "找不到標題列"),
        (files.STUDENT_HEAD.encode(), "students.csv", "沒有任何資料"),
    ],
)
@pytest.mark.usefixtures("office")
def test_files_that_are_no_roster_get_a_sentence_in_chinese(client, data, name, says):
    before = files.counts()

    answer = upload(client, data, name)

    page = text_of(answer)
    assert "notice-error" in page
    assert says is None or says in page
    assert any(word in page for word in ("檔案", "標題列", "活頁簿"))
    assert files.counts() == before
    assert RosterImport.objects.filter(state=ImportState.APPLIED).count() == 0


def test_a_file_over_the_limit_by_one_byte_is_refused(client, office):
    answer = upload(client, b"a" * (LIMIT_BYTES + 1), kind="students")

    assert answer.status_code == 422
    assert "上限是 20 MB" in text_of(answer)
    assert f"{LIMIT_BYTES + 1:,} 位元組" in text_of(answer)
    assert RosterImport.objects.count() == 0


def test_a_file_must_be_chosen(client, office):
    answer = client.post(URL, {"kind": "staff"})

    assert answer.status_code == 422
    assert "請選擇名冊檔案" in text_of(answer)


def test_importing_in_order_shows_where_each_roster_stands(client, office):
    for kind in files.KINDS:
        bring_in(client, files.SMALLEST[kind], f"{kind}.csv")

    page = text_of(client.get(URL))

    assert page.count("・2 列") == 5
    assert [attempt.kind for attempt in RosterImport.objects.order_by("imported_at")] == files.KINDS


def test_findings_download_as_csv_that_no_spreadsheet_runs(client, office):
    formula = "帳號,姓名,職務\nt1,林,=HYPERLINK(1)\nt2,,任課教師\n"
    upload(client, formula, kind="staff")
    attempt = RosterImport.objects.get()

    answer = client.get(reverse("rosters:issues", args=[attempt.pk]))

    assert answer.content.startswith(b"\xef\xbb\xbf")
    assert answer["Content-Type"].startswith("text/csv")
    rows = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"))))
    assert rows[0] == ["程度", "工作表", "列", "欄位", "規則", "內容", "說明"]
    assert [(row[2], row[3]) for row in rows[1:]] == [("2", "職務"), ("3", "姓名")]
    assert rows[1][5] == "'=HYPERLINK(1)"


def test_findings_are_filtered_by_severity(client, office):
    text = files.STAFF + "ｔ3,王老師,任課教師,\nt4,李老師,校長,\n"
    upload(client, text, kind="staff")
    url = reverse("rosters:import_detail", args=[RosterImport.objects.get().pk])

    everything, errors, repaired = (
        text_of(client.get(url, {"severity": s})) for s in ("", "error", "repaired")
    )

    assert 0 < everything.index("第 5 列") < everything.index("第 4 列"), "errors stand first"
    assert ("第 4 列" in errors, "第 5 列" in errors) == (False, True)
    assert ("第 4 列" in repaired, "第 5 列" in repaired) == (True, False)


def test_findings_speak_the_language_of_the_page(client, office):
    upload(client, "帳號,姓名,職務\nt1,林,校長\n", kind="staff")
    client.cookies["django_language"] = "en"

    page = text_of(client.get(reverse("rosters:import_detail", args=[RosterImport.objects.get().pk])))

    assert "The duty is not one of the known ones" in page


@pytest.mark.parametrize("size", [3, 300])
def test_imports_page_asks_the_same_few_questions(client, office, django_assert_max_num_queries, size):
    RosterImport.objects.bulk_create(
        RosterImport(
            school=office.school,
            kind=files.KINDS[n % 5],
            file_name=f"{n}.csv",
            sha256="0" * 64,
            size_bytes=1,
            school_year=115,
            semester=1,
            state=ImportState.APPLIED,
            applied_at=timezone.now(),
            keeps_until=timezone.now(),
            rows=1,
            accepted=1,
            imported_by=office,
        )
        for n in range(size)
    )

    with django_assert_max_num_queries(8) as asked:
        page = client.get(URL)

    assert (page.status_code, len(asked)) == (200, 8)


@pytest.mark.parametrize("size", [3, 300])
def test_import_page_asks_the_same_few_questions(client, office, django_assert_max_num_queries, size):
    rows = "".join(f"t{n},林,校長\n" for n in range(size))
    upload(client, "帳號,姓名,職務\n" + rows, kind="staff")
    url = reverse("rosters:import_detail", args=[RosterImport.objects.get().pk])

    with django_assert_max_num_queries(6) as asked:
        page = client.get(url)

    assert (page.status_code, len(asked)) == (200, 6)
    assert text_of(page).count("duty-unknown") == min(size, 100)


@pytest.mark.parametrize(
    ("role", "status"),
    [
        (Role.REGISTRAR, 200),
        (Role.ADMINISTRATOR, 200),
        (Role.TEACHER, 403),
        (Role.OUTCOME_SUBMITTER, 403),
        (None, 403),
    ],
)
def test_who_sees_and_uses_the_roster_pages(client, office, role, status):
    upload(client, files.STAFF, kind="staff")
    attempt = RosterImport.objects.get()
    school = office.school
    asker = (
        factories.PersonFactory(school=school, roles=[role])
        if role
        else factories.StudentFactory(school=school)
    )
    client.force_login(asker.user)
    factories.fresh(client)  # a staff roster gives roles, so it asks for identity again

    pages = [URL, *(reverse(f"rosters:{name}", args=[attempt.pk]) for name in ("import_detail", "issues"))]

    assert [client.get(page).status_code for page in pages] == [status] * 3
    assert upload(client, files.STAFF, kind="staff").status_code == status
    assert RosterImport.objects.count() == (2 if status == 200 else 1)


def test_another_schools_import_is_not_there(client, office):
    upload(client, files.STAFF, kind="staff")
    attempt = RosterImport.objects.get()
    client.force_login(files.registrar("064308").user)

    for name in ("import_detail", "issues"):
        assert client.get(reverse(f"rosters:{name}", args=[attempt.pk])).status_code == 404
    assert attempt.file_name not in text_of(client.get(URL))


def test_who_is_looked_for_in_a_preview_stands_in_no_address(client, office):
    upload(client, files.STAFF, kind="staff")
    url = reverse("rosters:import_detail", args=[RosterImport.objects.get().pk])

    found = text_of(client.post(url, {"q": "林老師"}))

    assert ("t1 林老師" in found, "office" in found.partition("<tbody")[2]) == (True, False)
    assert 'name="q" value="林老師"' in found
    assert not [part for part in found.split('href="')[1:] if "q=" in part.partition('"')[0]]
    assert 'method="get"' not in found


def test_what_always_has_a_value_is_not_marked_as_optional(client, office):
    page = client.get(URL).text

    labels = [
        strip_tags(label).strip() for label in re.findall(r"(?s)<(?:label|legend)\b[^>]*>(.*?)</l", page)
    ]

    assert {"學年度", "學期", "匯入方式"} <= set(labels)
    assert [label for label in labels if "選填" in label] == ["名冊種類 （選填）"]
    assert [label for label in labels if "必填" in label] == ["名冊檔案 ＊（必填）"]


class Settled(forms.Form):
    """Choices with and without an empty one, and what is no choice."""

    plain = forms.ChoiceField(required=False, choices=[("1", "一"), ("2", "二")])
    grouped = forms.ChoiceField(required=False, choices=[("組", [("1", "一")])])
    blank = forms.ChoiceField(required=False, choices=[("", "都可以"), ("1", "一")])
    blank_inside = forms.ChoiceField(required=False, choices=[("組", [("", "無")]), ("1", "一")])
    empty = forms.ChoiceField(required=False, choices=[])
    many = forms.MultipleChoiceField(required=False, choices=[("1", "一")], initial=["1"])
    ticked = forms.MultipleChoiceField(required=False, choices=[("1", "一")], widget=CheckboxSelectMultiple)
    chosen = forms.ChoiceField(required=False, choices=[("1", "一")], widget=RadioSelect, initial="1")
    open = forms.ChoiceField(required=False, choices=[("1", "一")], widget=RadioSelect)
    number = forms.TypedChoiceField(
        required=False, choices=[(1, "一")], widget=RadioSelect, initial=1, coerce=int
    )
    text = forms.CharField(required=False, initial="x")


@pytest.mark.parametrize("given", [None, {"chosen": "1", "number": "1"}, {"chosen": "9"}])
def test_a_choice_is_settled_when_one_is_always_sent(given):
    settled = {field.name for field in Settled(given) if is_settled(field)}

    radios = {"chosen", "number"} if not given or given["chosen"] == "1" else set()
    assert settled == {"plain", "grouped"} | radios
