import io
import re
from dataclasses import replace
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.http import HttpRequest
from django.utils import timezone

from licheng.courseplans.offices import operations
from licheng.courseplans.offices.actors import actor_of, may_enter
from licheng.courseplans.offices.models import Duty, Officer, PlanSchool
from licheng.courseplans.offices.operations import Post
from licheng.foundations.accounts.models import CodePurpose, EnrolmentCode
from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.errors import Invalid, NotFound, StepUpNeeded
from tests.factories import fresh
from tests.school.test_selection_race import race

pytestmark = pytest.mark.django_db

CODE = re.compile(r"[a-z2-9]{4}(?:-[a-z2-9]{4}){3}")
HEAD = "code,name,county,authority\n"


def said(*command):
    out = io.StringIO()
    call_command(*command, stdout=out)
    return out.getvalue().strip()


def directory(tmp_path, text, encoding="utf-8"):
    path = tmp_path / "schools.csv"
    path.write_bytes(text.encode(encoding))
    return said("load_directory", str(path))


def test_the_directory_is_brought_in_and_again(tmp_path):
    lines = "010301,甲高中,新北市,新北市政府教育局\n801M01,乙學校,,教育部國教署\n"

    assert directory(tmp_path, HEAD + lines, "utf-8-sig") == "2 read, 2 new, 0 changed"
    assert directory(tmp_path, HEAD + lines.replace("甲高中", "甲中學")) == "2 read, 0 new, 1 changed"
    assert PlanSchool.objects.get(code="010301").name == "甲中學"
    assert AuditEntry.objects.filter(action="plan_school.changed").count() == 1


@pytest.mark.parametrize(
    "text",
    [
        "",
        "code,name\n1,2\n",
        HEAD + "01030x,甲,,乙\n",
        HEAD + "010301,,,乙\n",
        HEAD + f"010301,{'甲' * 61},,乙\n",
        HEAD + f"010301,甲,{'甲' * 21},乙\n",
        HEAD + "010301,甲,,乙\n010301,丙,,乙\n",
    ],
    ids=["empty", "columns", "code", "name", "length", "county", "twice"],
)
def test_a_directory_with_a_fault_is_refused_whole(tmp_path, text):
    with pytest.raises(CommandError):
        directory(tmp_path, text)

    assert not PlanSchool.objects.exists()


def test_officers_are_opened_at_the_machine_and_once_enrolled_get_no_code(world):
    command = ("add_officer", "--account", "e1", "--name", "王編輯", "--duty", "editor", "--place", "010301")
    account, code = said(*command).split()
    officer = Officer.objects.get(user__login="e1")
    officer.user.set_password("nine herons by the pond at dawn")
    officer.user.save()

    assert (account, len(code)) == ("e1", 19)
    assert said(*command) == "e1 has enrolled already"
    recovered = said("recover_officer", "--account", "e1", "--identity-check", "身分證", "--reason", "遺失")
    assert recovered.split()[0] == "e1"


@pytest.mark.parametrize(
    "post",
    [
        Post("editor"),
        Post("editor", "999999"),
        Post("authority", "010301"),
        Post("operator", "010301"),
        Post("king"),
    ],
    ids=str,
)
def test_a_post_that_there_is_not_is_refused(world, post):
    with pytest.raises(Invalid):
        operations.add_officer(actor=world.actor("operator"), account="x", name="某人", post=post)

    assert not Officer.objects.filter(user__login="x").exists()


def test_operators_alone_name_officers_and_show_again_who_they_are(world):
    new = {"account": "x", "name": "某人", "post": Post(Duty.REVIEWER, "010301")}
    operator = world.actor("operator")

    with pytest.raises(StepUpNeeded):
        operations.add_officer(actor=replace(operator, is_fresh=False), **new)
    officer, _code = operations.add_officer(actor=operator, **new)
    with pytest.raises(NotFound):
        operations.end_officer(actor=world.actor("editor"), officer_id=officer.pk)
    with pytest.raises(Invalid):
        operations.end_officer(actor=operator, officer_id=operator.person_id)


def test_an_operator_does_not_take_her_own_post_away(world):
    operator = world.actor("operator")

    with pytest.raises(Invalid):
        operations.add_officer(
            actor=operator, account="operator", name="我", post=Post(Duty.EDITOR, "010301")
        )

    assert Officer.objects.get(pk=operator.person_id).duty == Duty.OPERATOR


def test_who_works_here_is_listed_before_who_left(world):
    gone = world.officers["editor"]
    gone.ended_on, gone.name = timezone.localdate(), "一"
    gone.save()

    listed = world.client("operator").get("/offices/").context["directory"].officers

    assert listed[-1] == gone


def test_somebody_who_left_is_nobody(world):
    officer = world.officers["editor"]
    request = HttpRequest()
    request.user, request.session = officer.user, {}
    there = actor_of(request)

    operations.end_officer(actor=world.actor("operator"), officer_id=officer.pk)

    assert there.person_id == officer.pk
    assert there.needs_factor
    assert actor_of(request) is None
    assert not may_enter(officer.user)
    assert AuditEntry.objects.filter(action="officer.ended", subject_id=str(officer.pk)).count() == 1
    with pytest.raises(Invalid):
        operations.recover_officer(
            actor=world.actor("operator"), account="editor", identity_check="身分證", reason="遺失"
        )


def test_an_end_in_the_future_is_none_yet(world):
    officer = world.officers["editor"]
    officer.ended_on = timezone.localdate() + timedelta(days=1)
    officer.save()

    assert may_enter(officer.user)


@pytest.mark.parametrize("count", [3, 300])
def test_the_directory_page_asks_the_same_few_questions(world, count, django_assert_max_num_queries):
    authority = world.schools["here"].authority
    PlanSchool.objects.bulk_create(
        PlanSchool(code=f"{n:06d}", name=f"第{n}高中", authority=authority) for n in range(count)
    )
    client = world.client("operator")
    client.get("/offices/")

    with django_assert_max_num_queries(12):
        page = client.get("/offices/")

    assert page.status_code == 200
    assert client.post("/offices/", {"words": "553611"}).context["directory"].page.paginator.count == 1


def test_the_directory_is_for_operators(world):
    for who in ("editor", "reviewer", "authority"):
        assert world.client(who).get("/offices/").status_code == 404


def test_an_operator_opens_an_account_in_the_browser(world):
    client = world.client("operator")
    new = {"account": "new1", "name": "新人", "duty": "editor", "place": "010301"}

    asked = client.post("/offices/officers/add/", new)
    wrong = client.post("/offices/officers/add/", new | {"name": ""})

    assert (asked.status_code, asked.headers["Location"].split("?")[0]) == (302, "/account/step-up/")
    assert wrong.status_code == 422
    assert not Officer.objects.filter(user__login="new1").exists()
    fresh(client)
    opened = client.post("/offices/officers/add/", new)
    officer = Officer.objects.get(user__login="new1")
    again = client.post(f"/offices/officers/{officer.pk}/", {"identity_check": "身分證", "reason": "遺失"})
    ended = client.post(f"/offices/officers/{officer.pk}/end/", follow=True)
    page = f"/offices/officers/{officer.pk}/code/"
    assert [(one.status_code, one.headers["Location"]) for one in (opened, again)] == [(302, page)] * 2
    assert "已結束" in ended.content.decode()


def codes_on(client, page):
    return CODE.findall(client.get(page).content.decode())


def test_a_reload_shows_the_same_code_until_it_is_handed_on(world, caplog):
    caplog.set_level("DEBUG")
    client = fresh(world.client("operator"))
    new = {"account": "new1", "name": "新人", "duty": "editor", "place": "010301"}

    page = client.post("/offices/officers/add/", new).headers["Location"]
    (code,), again = codes_on(client, page), codes_on(client, page)
    other = codes_on(world.client("operator"), page)
    kept_open = str(dict(client.session))
    done = client.post(page)

    assert (again, other, EnrolmentCode.objects.count()) == ([code], [], 1)
    assert code not in caplog.text + kept_open
    assert done.headers["Location"] == page.removesuffix("code/")
    assert codes_on(client, page) == []
    assert "已經沒有可以顯示的碼" in client.get(page).content.decode()


def test_a_code_that_opens_nothing_any_more_is_not_shown(world):
    client = fresh(world.client("operator"))
    new = {"account": "new1", "name": "新人", "duty": "editor", "place": "010301"}
    page = client.post("/offices/officers/add/", new).headers["Location"]

    EnrolmentCode.objects.update(used_at=timezone.now())
    spent = client.get(page).content.decode()

    assert "已用過或已作廢" in spent
    assert CODE.findall(spent) == []
    assert world.client("editor").get(page).status_code == 404


def test_whoever_has_enrolled_gets_no_code_with_a_new_post(world):
    officer = world.officers["editor"]
    officer.user.set_password("nine herons by the pond at dawn")
    officer.user.save()
    client = fresh(world.client("operator"))

    answer = client.post(
        "/offices/officers/add/",
        {"account": officer.user.login, "name": "改名", "duty": "reviewer", "place": "010301"},
    )

    assert answer.headers["Location"] == f"/offices/officers/{officer.pk}/"
    assert "已經啟用過" in client.get(answer.headers["Location"]).content.decode()
    assert not EnrolmentCode.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_two_operators_who_open_one_account_at_once_hear_that_it_is_there(world):
    operator, post = world.actor("operator"), Post(Duty.EDITOR, "010301")

    def add(name):
        return lambda: operations.add_officer(actor=operator, account="new1", name=name, post=post)

    _first, refused, waited = race(add("先到"), add("後到"))

    assert (waited, type(refused)) == (True, Invalid)
    assert "剛剛由別人開立" in refused.sentence
    assert Officer.objects.get(user__login="new1").name == "先到"


def test_texts_send_officers_to_their_own_office(world, client):
    plan = world.plan()
    refused = world.client("reviewer").post(f"/plans/{plan.pk}/hand-in/")

    assert (refused.status_code, "請洽課程計畫平臺的管理人員" in refused.content.decode()) == (403, True)
    for address in ("/sign-in/", "/enrol/", "/forgotten/"):
        page = client.get(address).content.decode()
        assert "課程計畫平臺的管理人員" in page, address
        assert "註冊組" not in page, address


def test_an_officer_is_told_on_her_board_that_she_was_let_in_again(world):
    user = world.officers["editor"].user
    user.epoch = 1
    user.save(update_fields=["epoch"])
    EnrolmentCode.objects.create(
        user=user,
        purpose=CodePurpose.RECOVER,
        digest="x",
        identity_check="身分證",
        expires_at=timezone.now(),
        used_at=timezone.now(),
    )

    page = world.client("editor").get("/").content.decode()

    assert "用重新啟用的啟用碼設定了新密碼" in page
    assert "請立刻打電話給課程計畫平臺的管理人員" in page


@pytest.mark.parametrize(("who", "address"), [("operator", "/offices/"), ("authority", "/")])
def test_words_that_no_column_can_hold_find_what_is_left_of_them(world, who, address):
    assert world.client(who).get(address, {"words": "01\0"}).status_code == 200
