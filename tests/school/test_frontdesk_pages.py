"""What stands at the door: the front page, announcements, figures that single nobody out, and handbooks."""

from datetime import timedelta
from importlib import import_module

import pytest
from django.urls import reverse
from django.utils import timezone

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import NotAllowed, NotFound
from licheng.school.frontdesk.errors import AlreadyWithdrawn, EndsTooEarly, HoldsIdNumber, TextMissing
from licheng.school.frontdesk.models import Announcement, Usage
from licheng.school.frontdesk.operations import announce, count_usage, withdraw_announcement
from licheng.school.frontdesk.queries import front_page
from licheng.school.frontdesk.queries.front import ON_FRONT, told
from licheng.school.frontdesk.queries.manuals import FOLDER, MANUALS, manual_named
from licheng.school.outcomes.states import OutcomeState as S
from licheng.school.people.models import Role
from tests.factories import (
    SEMESTER,
    YEAR,
    EnrolmentFactory,
    PersonFactory,
    SchoolFactory,
    StudentFactory,
    actor,
    open_windows,
)
from tests.school.outcomes_cases import make_outcome

BOARD = "/announcements/"


@pytest.fixture
def school(db):
    open_windows()
    return SchoolFactory()


@pytest.fixture
def author(school):
    return PersonFactory(school=school, roles=[Role.REGISTRAR])


def tell(author, **more):
    return announce(actor=actor(author), **({"title": "停機公告", "body": "週日上午"} | more))


def page_of(client, school):
    return client.get(f"/at/{school.code}/").content.decode()


def hours(number):
    return timezone.now() + timedelta(hours=number)


def test_strangers_find_sign_in_first_and_their_school_s_news(client, school, author):
    tell(author, body="請看 https://example.org/a?b=1 <script>alert(1)</script>\n第二行")
    tell(author, title="密碼釣魚", is_security_notice=True)

    text = page_of(client, school)

    assert (
        text.index("第一次使用")
        < text.index("資訊安全公告")
        < text.index("密碼釣魚")
        < text.index("停機公告")
    )
    assert '<a href="https://example.org/a?b=1" rel="nofollow">' in text
    assert "&lt;script&gt;" in text
    assert "第二行" in text
    assert "民國" in text


def test_a_security_notice_stays_in_front_however_much_is_announced_after_it(client, school, author):
    tell(author, title="密碼釣魚", is_security_notice=True)
    for number in range(2 * ON_FRONT):
        tell(author, title=f"社團活動 {number}")

    assert "密碼釣魚" in page_of(client, school)


def test_only_what_is_public_and_now_and_of_this_school_is_shown(client, school, author):
    elsewhere = PersonFactory(roles=[Role.REGISTRAR])
    tell(elsewhere, title="別校")
    tell(author, title="內部", is_public=False)
    tell(author, title="明天的", shown_from=hours(1))
    tell(author, title="過了", shown_from=hours(-2), shown_until=hours(1))
    Announcement.objects.filter(title="過了").update(shown_until=hours(-1))
    withdraw_announcement(actor=actor(author), announcement_id=tell(author, title="撤下的").pk)
    tell(author, title="現在的", shown_until=hours(1))

    for text in (page_of(client, school), client.get(f"/at/{school.code}/announcements/").content.decode()):
        found = [title for title in ("別校", "內部", "明天的", "過了", "撤下的", "現在的") if title in text]
        assert found == ["現在的"]


def test_people_read_on_their_home_what_strangers_do_not(client, school, author):
    tell(author, title="內部", is_public=False)
    client.force_login(StudentFactory(school=school).user)

    assert "內部" in client.get("/").content.decode()


@pytest.mark.parametrize(
    ("more", "refusal"),
    [
        ({"title": " "}, TextMissing),
        ({"title": "字" * 101}, TextMissing),
        ({"body": "字" * 4001}, TextMissing),
        ({"body": "學生 A123456789 請來領取"}, HoldsIdNumber),
        ({"shown_until": timedelta(hours=-1)}, EndsTooEarly),
        ({"shown_from": timedelta(hours=3), "shown_until": timedelta(hours=2)}, EndsTooEarly),
    ],
)
def test_announcements_that_cannot_be(author, more, refusal):
    given = {k: timezone.now() + v if isinstance(v, timedelta) else v for k, v in more.items()}

    with pytest.raises(refusal):
        tell(author, **given)

    assert not Announcement.objects.exists()


def test_who_announces_and_who_takes_down(school, author):
    teacher, stranger = (
        PersonFactory(school=school, roles=[Role.TEACHER]),
        PersonFactory(roles=[Role.REGISTRAR]),
    )
    row = tell(author)

    with pytest.raises(NotAllowed):
        tell(teacher)
    for person in (teacher, stranger):
        with pytest.raises(NotFound):
            withdraw_announcement(actor=actor(person), announcement_id=row.pk)
    withdraw_announcement(actor=actor(author), announcement_id=row.pk)
    with pytest.raises(AlreadyWithdrawn):
        withdraw_announcement(actor=actor(author), announcement_id=row.pk)
    written = AuditEntry.objects.filter(action__startswith="announcement.").values_list("action", flat=True)
    assert sorted(written) == ["announcement.published", "announcement.withdrawn"]


def test_an_author_sees_it_before_it_is_published(client, author):
    client.force_login(author.user)
    sent = {"title": "停機", "body": "週日", "is_public": "on", "shown_from": "", "shown_until": ""}

    preview = client.post(BOARD, sent | {"act": "preview"})

    assert "還沒有發布" in preview.content.decode()
    assert not Announcement.objects.exists()
    assert client.post(BOARD, sent | {"act": "publish"}).status_code == 302
    assert "顯示中" in client.get(BOARD).content.decode()
    assert client.post(BOARD, sent | {"title": ""}).status_code == 422


def test_the_school_chosen_last_is_remembered_and_nothing_else(client, school):
    SchoolFactory()
    assert "選您的學校" in client.get("/").content.decode()

    answer = client.get(f"/at/{school.code}/")

    cookie = answer.cookies["school"]
    assert (cookie.value, cookie["httponly"], cookie["samesite"]) == (school.code, True, "Lax")
    assert school.name in client.get("/").content.decode()


@pytest.mark.parametrize("value", ["nowhere", "", "x" * 5000, "<script>", "../../etc"])
def test_a_cookie_that_names_no_school_is_passed_over(client, school, value):
    SchoolFactory()
    client.cookies["school"] = value

    answer = client.get("/")

    assert answer.status_code == 200
    assert "選您的學校" in answer.content.decode()


@pytest.mark.parametrize("name", ["sign_in", "enrol", "forgot", "guardian_join"])
@pytest.mark.parametrize(
    ("cookie", "asked", "says"), [("A", "", "A"), ("A", "B", "B"), ("\0", "", ""), ("", "zzz", "")]
)
def test_who_chose_a_school_need_not_type_it_to_sign_in(client, db, name, cookie, asked, says):
    known = {letter: SchoolFactory(code=f"{letter}00001", name=f"{letter} 高中") for letter in "AB"}
    client.cookies["school"] = known[cookie].code if cookie in known else cookie

    form = client.get(reverse(name), {"school": known[asked].code if asked in known else asked}).context[
        "form"
    ]

    assert (form["school"].value() or "") == (f"{known[says].code} {known[says].name}" if says else "")


def test_a_guardian_finds_her_first_page_from_the_school_s(client, school):
    assert f'href="{reverse("guardian_join")}"' in page_of(client, school)


def test_an_installation_of_one_school_does_not_ask_which(client, school):
    assert school.name in client.get("/").content.decode()


def test_a_name_that_no_school_can_have_is_not_found(client, school):
    assert client.get("/at/", {"school": "\0"}).status_code == 422


def test_choosing_by_code_or_name(client, school):
    SchoolFactory()

    assert client.get("/at/", {"school": f"{school.code} {school.name}"}).url == f"/at/{school.code}/"
    assert client.get("/at/", {"school": "沒有這所"}).status_code == 422
    assert client.get("/at/NOBODY/").status_code == 404


def test_numbers_that_could_point_at_somebody_are_not_told(school, author, client):
    for _number in range(10):
        StudentFactory(school=school)
    one = EnrolmentFactory(school=school, student=StudentFactory(school=school, left_on="2026-01-01"))
    for state in (S.DRAFT, S.CERTIFIED, S.SELECTED):
        make_outcome(state, one)
    make_outcome(S.SELECTED, EnrolmentFactory())

    assert count_usage(actor=Actor.system("clock")) >= 2

    usage = Usage.objects.get(school=school)
    figures = (usage.enrolled, usage.signed_in, usage.uploaded, usage.certified, usage.selected)
    assert figures == (10, 0, 3, 2, 1)
    text = page_of(client, school)
    assert "少於 10／10 人" in text
    assert text.count("少於 10 件") == 3
    assert [told(number) for number in (0, 9, 10, 1234)] == ["少於 10", "少於 10", "10", "1,234"]


def test_figures_of_a_past_semester_are_not_shown_and_people_do_not_count(school, author):
    count_usage(actor=Actor.system("clock"))
    Usage.objects.update(semester=SEMESTER + 1, school_year=YEAR)

    assert front_page(school).usage is None
    with pytest.raises(NotAllowed):
        count_usage(actor=actor(author))


def test_the_page_and_the_count_cost_the_same_however_much_there_is(
    client, school, author, django_assert_num_queries
):
    for schools in (1, 6):
        for number in range(schools):
            tell(author, title=f"第 {number} 則")
            SchoolFactory()
        with django_assert_num_queries(6):  # two are the savepoint of a test
            count_usage(actor=Actor.system("clock"))
        with django_assert_num_queries(4):
            page_of(client, school)


@pytest.mark.parametrize("name", sorted(MANUALS))
def test_every_role_has_a_handbook(client, name):
    answer = client.get(f"/manuals/{name}/")

    assert answer.status_code == 200
    assert manual_named(name).title in answer.content.decode()
    assert "<li>" in str(manual_named(name).html)


def test_handbooks_are_those_of_the_folder_and_let_no_markup_through(client, db, tmp_path, monkeypatch):

    assert {path.stem for path in FOLDER.glob("*.md")} == set(MANUALS)
    assert client.get("/manuals/nobody/").status_code == 404
    (tmp_path / "student.md").write_text("# 題\n\n## 一\n\n<script>alert(1)</script>\n")
    monkeypatch.setattr(import_module("licheng.school.frontdesk.queries.manuals"), "FOLDER", tmp_path)
    shown = manual_named.__wrapped__("student")
    assert "&lt;script&gt;" in shown.html
    assert [(one.anchor, one.text) for one in shown.headings] == [("part-1", "一")]
    assert '<h2 id="part-1">' in shown.html
