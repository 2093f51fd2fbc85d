import re
import uuid
from datetime import timedelta

import pytest
from django.urls import reverse
from django.utils import timezone
from licheng_exchange import open_checkpoint, parse_keys

from licheng.archive.intake.models import Deposit, RegisteredSchool
from licheng.foundations.accounts.models import User
from licheng.foundations.ledger.views import keys_text
from licheng.foundations.privacy import seal
from tests.archive.packages import SCHOOL_KEY, Package, checked, small_package

pytestmark = pytest.mark.django_db


def rows(count, *, state="accepted", school=None):
    now = timezone.now()
    made = school or RegisteredSchool.objects.create(
        code="000005", name="列表高中", keys=f"{SCHOOL_KEY.vkey}\n"
    )
    Deposit.objects.bulk_create(
        Deposit(
            school=made,
            school_year=115,
            package_sha256="ab" * 32,
            package_bytes=5 * 2**20,
            password_sealed=seal("x", place="test"),
            state=state,
            students=10,
            outcomes=30,
            activities=20,
            files=55,
            problems=[{"file": "f", "rule": "r", "text_zh": "原因", "text_en": "reason"}],
            arrived_at=now - timedelta(seconds=75),
            decided_at=now,
        )
        for _n in range(count)
    )
    return made


def text(response):
    return re.sub(r"\s+", " ", response.content.decode())


def test_the_board_of_an_empty_archive_says_so(operator):
    page = operator.get("/")

    assert page.status_code == 200
    assert "還沒有學校送來封包" in text(page)
    assert "hx-trigger" not in text(page)


@pytest.mark.parametrize("count", [3, 300])
def test_the_board_asks_the_same_few_questions_for_any_number_of_deposits(
    operator, count, django_assert_num_queries
):
    rows(count)

    with django_assert_num_queries(6):
        page = operator.get("/")

    assert "5 MB" in text(page)
    assert "1 分 15 秒" in text(page)
    assert "10 位學生，成果 30、多元 20、檔案 55" in text(page)


def test_the_board_is_filtered_by_state_and_school(operator, depositor):
    checked(depositor, small_package())
    refused = Package()
    refused.student("1150003", refused.outcome(certified_at=None))
    checked(depositor, refused)
    rows(1)

    assert len(operator.get("/").context["board"].lines) == 3
    assert [line.state for line in operator.get("/?state=refused").context["board"].lines] == ["refused"]
    assert [line.school_code for line in operator.get("/?school=000005").context["board"].lines] == ["000005"]
    assert "沒有符合的封包" in text(operator.get("/?state=checking"))
    assert len(operator.get("/?state=nonsense&school=nonsense&page=x").context["board"].lines) == 3


def test_the_newest_deposit_stands_first(operator):
    school = rows(2)
    newest = Deposit.objects.create(
        school=school, school_year=115, package_sha256="cd" * 32, package_bytes=1, password_sealed=b"x"
    )

    assert operator.get("/").context["board"].lines[0].id == newest.pk


def test_the_board_asks_for_itself_again_only_while_something_is_checked(operator):
    rows(1, state="checking")

    page = operator.get("/")
    part = operator.get("/", HTTP_HX_REQUEST="true")

    assert 'hx-trigger="every 4s"' in text(page)
    assert text(part).strip().startswith('<div id="board"')
    assert "<html" not in text(part)


def test_a_refused_deposit_shows_every_reason_in_the_readers_language(operator, depositor):
    package = Package()
    package.student("1150001", package.outcome(certified_at=None), package.outcome(course_code="115"))
    deposit = checked(depositor, package)

    chinese = text(operator.get(reverse("deposit", args=[deposit.pk])))
    operator.cookies["django_language"] = "en"
    english = text(operator.get(reverse("deposit", args=[deposit.pk])))

    assert "退回原因（2 項）" in chinese
    assert "沒有教師認證的時間" in chinese
    assert "manifest.json" in chinese
    assert "not-certified" in chinese
    assert "course-code-length" in chinese
    assert "No teacher certified it." in english


@pytest.mark.parametrize("students", [3, 60])
def test_an_accepted_deposit_shows_its_counts_in_a_few_questions(
    operator, depositor, students, django_assert_num_queries
):
    package = Package()
    for number in range(students):
        package.student(f"{number}", package.outcome())
    deposit = checked(depositor, package)

    with django_assert_num_queries(4):
        page = operator.get(reverse("deposit", args=[deposit.pk]))

    assert (page.context["detail"].receipts, page.context["line"].students) == (students, students)


def test_a_deposit_that_does_not_exist_is_not_found(operator):
    assert operator.get(reverse("deposit", args=[uuid.uuid4()])).status_code == 404


def test_strangers_are_sent_to_sign_in(client):
    rows(1)
    front = client.get("/")

    assert "board" not in front.context
    assert "列表高中" not in text(front)
    assert f'href="{reverse("sign_in")}"' in text(front)
    for path in (f"/deposits/{uuid.uuid4()}/", reverse("deposit", args=[Deposit.objects.get().pk])):
        assert client.get(path)["Location"].startswith("/sign-in/")


def test_an_account_that_is_no_operator_sees_the_form_and_not_the_board(client):
    rows(1)
    client.force_login(User.objects.create(login="was-operator"))
    front = client.get("/")

    assert "board" not in front.context
    assert "列表高中" not in text(front)
    assert client.get(reverse("deposit", args=[Deposit.objects.get().pk]))["Location"].startswith("/sign-in/")
    assert client.get("/sign-in/").status_code == 200


def test_an_operator_signs_in_and_owes_a_second_factor(client, operator):
    user = User.objects.get(login="op1")
    user.set_password("a-long-enough-sentence")
    user.without_email_at = user.created_at
    user.save()
    client.logout()

    wrong = client.post("/sign-in/", {"account": "op1", "password": "wrong"})
    right = client.post("/sign-in/", {"account": "op1", "password": "a-long-enough-sentence"})

    assert (wrong.status_code, right["Location"]) == (422, "/")
    assert "board" not in (client.get("/").context or ())
    assert client.get(reverse("deposit", args=[uuid.uuid4()]))["Location"].startswith(reverse("factors"))
    client.force_login(user)  # tests' way in: nothing is owed
    assert "李操作" in text(client.get("/"))
    assert client.get("/sign-in/")["Location"] == "/"


def test_the_checkpoint_page_is_public_and_its_note_verifies(client, depositor):
    checked(depositor, small_package())

    page = client.get("/checkpoint/")

    head = page.context["head"]
    opened = open_checkpoint(head.note, parse_keys(keys_text()))
    assert (opened.origin, opened.size, head.size) == ("test.licheng.invalid/ledger", 3, 3)
    assert all(vkey in page.content.decode().replace("&#x2B;", "+") for vkey in head.vkeys)
    assert client.get(reverse("checkpoint")).content.decode() == head.note


def test_the_checkpoint_page_of_an_empty_log(client):
    assert client.get("/checkpoint/").context["head"].size == 0
