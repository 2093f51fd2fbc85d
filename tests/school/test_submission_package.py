"""Taking a sealed package along: it holds everybody's data, so identity is shown again first."""

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from licheng.school.people.models import Look, LookedAt, Role
from licheng.school.submission.models import Batch
from licheng.school.submission.operations.sealing import package_path
from licheng.school.submission.states import BatchState
from tests.factories import PersonFactory, SchoolFactory, fresh

pytestmark = pytest.mark.django_db
LINK, WARNING = "下載封包留存", "下載之前要再確認一次您的身分"


@pytest.fixture
def batch(settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    submitter = PersonFactory(school=SchoolFactory(), roles=[Role.OUTCOME_SUBMITTER])
    made = Batch.objects.create(
        school=submitter.school, school_year=115, state=BatchState.SEALED, sealed_by=submitter,
        sealed_at=timezone.now(), package_bytes=7, package_sha256="0" * 64,
    )  # fmt: skip
    path = package_path(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(b"package")
    return made


def as_(person):
    client = Client()
    client.force_login(person.user)
    return client


def test_a_submitter_shows_identity_again_before_the_package_comes(batch):
    client, url = as_(batch.sealed_by), reverse("submission:package", args=[batch.pk])

    answer = client.get(url)
    page = client.get(reverse("submission:batch", args=[batch.pk])).content.decode()

    assert answer["Location"] == f"{reverse('step_up')}?next={url}"
    assert (LINK in page, WARNING in page) == (True, True)
    assert b"".join(fresh(client).get(url).streaming_content) == b"package"
    assert WARNING not in client.get(reverse("submission:batch", args=[batch.pk])).content.decode()


@pytest.mark.parametrize("role", [Role.REGISTRAR, Role.RECEIPT_OFFICER])
def test_others_see_the_batch_and_get_no_package(batch, role):
    client = fresh(as_(PersonFactory(school=batch.school, roles=[role])))

    page = client.get(reverse("submission:batch", args=[batch.pk]))

    assert (page.status_code, LINK in page.content.decode()) == (200, False)
    assert client.get(reverse("submission:package", args=[batch.pk])).status_code == 403
    assert not Look.objects.filter(what=LookedAt.EXPORT).exists()


def test_another_schools_package_is_not_there(batch):
    stranger = fresh(as_(PersonFactory(roles=[Role.OUTCOME_SUBMITTER])))

    assert stranger.get(reverse("submission:package", args=[batch.pk])).status_code == 404
