"""A form that met the question who one is comes back filled in: which page, which form, what of it, and for how long."""

import time
from base64 import b64encode

import pytest
import time_machine
from django.core.files.uploadedfile import SimpleUploadedFile
from django.http import HttpResponse
from django.template import engines
from django.test import Client
from django.urls import path, reverse

from licheng.config import urls_school
from licheng.foundations.accounts import kept, typed
from licheng.foundations.accounts.models import User
from licheng.foundations.errors import StepUpNeeded
from licheng.foundations.privacy import seal
from licheng.foundations.ui.filling import filled
from licheng.school.people.models import Role, RoleGrant
from tests.factories import ClassGroupFactory, PersonFactory, fresh
from tests.foundations.showing import HOST, entered, proved

pytestmark = pytest.mark.django_db
PAGE = """<html><body><main class="x"><form method="post" action="/other/"><input name="reason"></form>
<details class="confirm"><summary>開</summary><form method="post" action="/weighty/?a=1">
<input type="hidden" name="csrfmiddlewaretoken" value="new"><input type="hidden" name="seen" value="new">
<input name="reason" value="old" maxlength="9"><textarea name="more">old</textarea>
<select name="kind"><option value="a" selected>A</option><option value="b">B &amp; C</option></select>
<input type="checkbox" name="agree"><input type="checkbox" name="not" checked>
<input type="checkbox" name="days" value="1"><input type="checkbox" name="days" value="2" checked>
<input type="checkbox" name="days" value="3"><input type="file" name="file"><input type="password" name="secret">
<button name="go" value="1">送出</button></form></details></main></body></html>"""


def page(_request):
    return HttpResponse(engines["django"].from_string(PAGE).render())


def weighty(request):
    """An action that wants identity shown again."""
    if not request.actor.is_fresh:
        raise StepUpNeeded
    return HttpResponse("done")


urlpatterns = [
    *urls_school.urlpatterns,
    path("form/", page, name="form"),
    path("weighty/", weighty, name="weighty"),
    path("elsewhere/", lambda _request: HttpResponse("<html><main>nothing</main></html>"), name="elsewhere"),
]
handler404 = urls_school.handler404


@pytest.fixture(autouse=True)
def address(settings):
    settings.ROOT_URLCONF = __name__


@pytest.fixture
def stale():
    """A registrar whose last proof is eleven minutes old; she shows her password again by `proved`."""
    person = PersonFactory(roles=[Role.REGISTRAR, Role.ADMINISTRATOR])
    client = Client()
    client.force_login(person.user)
    fresh(client)
    client.person = person
    return proved(client, person, "mfa", ago=660)


def refuse(client, fields, *, page="/form/", action="/weighty/?a=1", **more):
    answer = client.post(action, fields, headers={"referer": f"http://testserver{page}"}, **more)
    assert answer.url.startswith(reverse("step_up"))
    return proved(client, client.person, "mfa")


SENT = {
    "reason": '請假 <三天> & "病假"',
    "more": "兩行\n字",
    "kind": "b",
    "agree": "on",
    "days": ["1", "3"],
    "seen": "old",
}


def test_the_form_comes_back_filled_in_and_nothing_else_does(stale):
    text = refuse(stale, SENT | {"csrfmiddlewaretoken": "old"}).get("/form/").content.decode()

    assert '<input name="reason" maxlength="9" value="請假 &lt;三天&gt; &amp; &quot;病假&quot;">' in text
    assert '<textarea name="more">\n兩行\n字</textarea>' in text
    assert '<option value="a">A</option><option value="b" selected>B &amp; C</option>' in text
    assert '<input type="checkbox" name="agree" checked><input type="checkbox" name="not">' in text
    assert text.count("checked") == 3
    assert text.count('value="new"') == 2  # the page's own token and state
    assert '<form method="post" action="/other/"><input name="reason"></form>' in text
    assert '<details class="confirm" open>' in text
    assert text.count("已經幫您填回來") == 1
    assert "檔案" not in text


def test_it_stays_over_a_reload_and_goes_once_sent(stale):
    assert "剛才填的內容還在" not in stale.get(reverse("step_up")).content.decode()
    refuse(stale, SENT)

    assert "剛才填的內容還在" in stale.get(reverse("step_up")).content.decode()
    assert "已經幫您填回來" in stale.get("/form/").content.decode()
    assert "已經幫您填回來" in stale.get("/form/").content.decode()
    assert stale.post("/weighty/?a=1", SENT).content == b"done"
    assert stale.get("/form/").content.decode() == PAGE


def test_only_the_page_it_was_typed_on_shows_it_and_only_to_whoever_is_known_again(stale):
    refuse(stale, SENT)

    assert stale.get("/form/?other").content.decode() == PAGE
    assert "nothing</main>" in stale.get("/elsewhere/").content.decode()
    assert proved(stale, stale.person, "mfa", ago=660).get("/form/").content.decode() == PAGE


def test_a_page_that_shows_the_form_no_more_offers_to_send_it(stale):
    text = refuse(stale, SENT, page="/elsewhere/").get("/elsewhere/").content.decode()

    assert 'action="/weighty/?a=1"' in text
    assert '<input type="hidden" name="days" value="3">' in text
    assert "請假 &lt;三天&gt;" in text
    assert "送出剛才的內容" in text


def test_a_field_may_be_called_whatever_a_dict_can_do(stale):
    text = (
        refuse(stale, {"items": "七", "fields": "八"}, page="/elsewhere/").get("/elsewhere/").content.decode()
    )

    assert '<input type="hidden" name="items" value="七">' in text
    assert '<input type="hidden" name="fields" value="八">' in text


def test_a_form_sent_by_script_comes_back_on_its_page_wherever_on_it_one_stood(stale):
    there = {"HX-Request": "true", "HX-Current-URL": "http://testserver/form/#there"}

    answer = stale.post("/weighty/?a=1", SENT, headers=there)

    assert answer["HX-Redirect"].startswith(reverse("step_up"))
    assert "已經幫您填回來" in proved(stale, stale.person, "mfa").get("/form/").content.decode()


def test_what_opens_no_more_is_forgotten_and_shuts_nobody_out(stale):
    refuse(stale, SENT)
    session = stale.session
    session[typed.KEPT] = {"at": time.time(), "sealed": b64encode(seal("{}", place="elsewhere")).decode()}
    session.save()

    assert stale.get("/form/").content.decode() == PAGE
    assert typed.KEPT not in stale.session


def test_files_are_not_kept_and_that_is_said(stale):
    text = refuse(stale, SENT | {"file": SimpleUploadedFile("a.csv", b"x")}).get("/form/").content.decode()

    assert "選好的檔案不能保留，請重新選擇。" in text


@pytest.mark.parametrize("fields", [{}, {"reason": ""}, {"reason": "長" * 65_536}])
def test_a_button_and_what_is_longer_than_any_form_are_not_kept(stale, fields):
    assert refuse(stale, fields).get("/form/").content.decode() == PAGE
    assert typed.KEPT not in stale.session


def test_the_session_holds_nothing_that_can_be_read(stale):
    refuse(stale, SENT)

    assert "三天" not in str(dict(stale.session)[typed.KEPT])


def test_after_a_quarter_of_an_hour_there_is_nothing(stale):
    refuse(stale, SENT)
    with time_machine.travel(time.time() + kept.KEPT_SECONDS + 1):
        assert proved(stale, stale.person, "mfa").get("/form/").content.decode() == PAGE
        assert typed.KEPT not in stale.session


def test_a_code_and_a_password_are_never_kept(settings):
    settings.ALLOWED_HOSTS = [HOST]
    person = PersonFactory(roles=[Role.TEACHER])
    User.objects.filter(pk=person.user_id).update(without_email_at="2026-01-01T00:00Z")
    client = entered(person)
    client.get(reverse("add_app"))
    proved(client, person, "password", ago=660)

    assert client.post(reverse("add_app"), {"code": "123456"}).url.startswith(reverse("step_up"))
    assert typed.KEPT not in client.session


def test_a_role_is_given_with_one_typing(stale):
    colleague = PersonFactory(school=stale.person.school, name="王小明")
    ClassGroupFactory(school=stale.person.school)
    fields = {
        "person_id": str(colleague.pk), "role": "data_query", "scope": "school", "class_id": "", "students": "",
        "since": "2026-11-22", "until": "2026-12-01", "reason": "代理人請假",
    }  # fmt: skip

    refuse(stale, fields, page=reverse("people:grants"), action=reverse("people:grant"))
    text = stale.get(reverse("people:grants")).content.decode()

    assert 'value="代理人請假"' in text
    assert 'value="2026-12-01"' in text
    assert f'<option value="{colleague.pk}" selected>' in text
    assert text.count("已經幫您填回來") == 1
    assert not RoleGrant.objects.filter(person=colleague, role="data_query").exists()


@pytest.mark.parametrize("odd", ["\r", "\x0b", "\x0c", "\x1c", "\x1e", "\x85", "\u2028", "\u2029", "\r\n"])
def test_what_others_call_the_end_of_a_line_moves_nothing(odd):
    def filled_in(before):
        given = {"reason": ["三天"], "more": ["字"], "kind": ["b"]}
        return filled(before + PAGE, at="/form/", action="/weighty/?a=1", typed=given, note="<p>!</p>")

    assert filled_in(f"<p>{odd}x</p>") == f"<p>{odd}x</p>{filled_in('')}"


@pytest.mark.parametrize(
    "broken", ["", "<form", "<form method=post action=/a/><input name=q", "<!--", "<form method=post></form>"]
)
def test_a_page_without_the_form_is_told_as_such(broken):
    assert filled(broken, at="/p/", action="/a/", typed={"q": ["1"], "r": ["2"]}, note="!") is None
