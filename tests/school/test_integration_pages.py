"""The administrators' page of other systems: a token made with step-up, shown once, revoked, and what it was used for."""

import re

import pytest
from django.test import Client

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.errors import Invalid, NotAllowed, NotFound, StepUpNeeded
from licheng.foundations.machines.models import MachineToken
from licheng.foundations.machines.operations import make_token
from licheng.foundations.machines.queries import token_presented
from licheng.school.integration.operations import make_school_token, revoke_school_token
from tests.factories import PersonFactory, SchoolFactory, StudentFactory, actor, fresh, fresh_actor

pytestmark = pytest.mark.django_db
FORM = {"name": "校務系統", "scopes": ["classes:read", "students:read"], "days": "180"}
GIVEN = {"name": "校務系統", "scopes": ["classes:read"], "days": 30}
OTHERS = ("teacher", "homeroom", "registrar", "outcome_submitter", "receipt_officer", "working_group")


@pytest.fixture
def administrator(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return PersonFactory(school=SchoolFactory(code="070406"), roles=["administrator"])


@pytest.fixture
def client(administrator):
    client = Client()
    client.force_login(administrator.user)
    return client


def token_of(code="070406"):
    return make_token(
        actor=Actor.system("test"), holder=code, name="舊系統", scopes=["classes:read"], days=9
    )[0]


def test_a_token_is_made_and_its_secret_shown_once(client, administrator):
    answer = fresh(client).post("/integration/new/", FORM)

    token = MachineToken.objects.get()
    secret = re.search(r'value="(lck_[^"]+)"', answer.content.decode()).group(1)
    assert (answer.status_code, token_presented(secret)) == (200, token)
    assert (token.holder, token.made_by) == ("070406", f"person:{administrator.pk}")
    assert "no-store" in answer["Cache-Control"]
    for path in ("/integration/", f"/integration/{token.pk}/"):
        page = client.get(path).content.decode()
        assert "校務系統" in page
        assert secret not in page
    entry = AuditEntry.objects.get(action="token.made")
    assert (entry.school_id, entry.person_id) == (administrator.school_id, administrator.pk)


def test_making_and_revoking_want_step_up(client, administrator):
    token = token_of()

    assert "/account/" in client.get("/integration/new/")["Location"]
    client.post("/integration/new/", FORM)
    client.post(f"/integration/{token.pk}/revoke/")

    assert MachineToken.objects.filter(revoked_at=None).count() == 1
    with pytest.raises(StepUpNeeded):
        make_school_token(actor=actor(administrator), **GIVEN)
    with pytest.raises(StepUpNeeded):
        revoke_school_token(actor=actor(administrator), token_id=token.pk)


def test_a_revoked_token_stays_in_the_list_with_its_uses(client):
    token = token_of()

    assert fresh(client).post(f"/integration/{token.pk}/revoke/").status_code == 302

    page = client.get(f"/integration/{token.pk}/").content.decode()
    assert "已撤銷" in page
    assert "立刻撤銷" not in page
    assert client.post(f"/integration/{token.pk}/revoke/").status_code == 409


@pytest.mark.parametrize("role", OTHERS)
def test_nobody_else_hands_out_tokens(administrator, role):
    token = token_of()
    other = fresh_actor(PersonFactory(school=administrator.school, roles=[role]))

    with pytest.raises(NotAllowed):
        make_school_token(actor=other, **GIVEN)
    with pytest.raises(NotAllowed):
        revoke_school_token(actor=other, token_id=token.pk)


def test_a_student_sees_nothing_of_it(administrator):
    client = Client()
    client.force_login(StudentFactory(school=administrator.school).user)

    assert {client.get(path).status_code for path in ("/integration/", "/integration/new/")} == {403}


def test_another_schools_token_is_not_there(client, administrator):
    theirs = token_of(SchoolFactory().code)

    assert client.get(f"/integration/{theirs.pk}/").status_code == 404
    with pytest.raises(NotFound):
        revoke_school_token(actor=fresh_actor(administrator), token_id=theirs.pk)
    assert "舊系統" not in client.get("/integration/").content.decode()


def test_a_school_hands_out_only_what_its_own_api_knows(client, administrator):
    with pytest.raises(Invalid):
        make_school_token(actor=fresh_actor(administrator), **GIVEN | {"scopes": ["deposit"]})

    answer = fresh(client).post("/integration/new/", FORM | {"scopes": ["deposit"]})
    assert answer.status_code == 422
    assert not MachineToken.objects.exists()


@pytest.mark.parametrize(
    "wrong", [{"name": ""}, {"scopes": []}, {"days": "0"}, {"days": "401"}, {"days": "x"}]
)
def test_what_cannot_be_is_named_on_the_form(client, wrong):
    answer = fresh(client).post("/integration/new/", FORM | wrong)

    assert answer.status_code == 422
    assert 'class="field-error"' in answer.content.decode()


def test_tokens_that_end_soon_are_named_above_the_list(client):
    token_of()

    assert "30 天內到期：舊系統" in client.get("/integration/").content.decode()


def test_pages_ask_the_database_a_constant_number_of_times(client, django_assert_max_num_queries):
    for _one in range(5):
        token = token_of()
    for path in ("/integration/", f"/integration/{token.pk}/"):
        client.get(path)
        with django_assert_max_num_queries(12):
            client.get(path)
