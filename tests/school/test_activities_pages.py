import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from licheng.foundations.authz import Actor
from licheng.foundations.files.operations import derive_file
from licheng.school.activities.models import Activity, Category
from licheng.school.activities.states import ActivityState as S
from licheng.school.people.models import Role
from tests.factories import PersonFactory, StudentFactory, open_windows
from tests.school.activity_cases import COMPETITION, make_activity, row
from tests.school.items import WORKS
from tests.school.outcomes_cases import stored

pytestmark = pytest.mark.django_db
PDF = (WORKS / "competition_certificate.pdf").read_bytes()


@pytest.fixture
def student(client):
    open_windows()
    student = StudentFactory(name="王品妍")
    client.force_login(student.user)
    return student


def url(name, activity, *more):
    return reverse(f"activities:{name}", args=[activity.pk, *more])


def text(answer):
    return answer.content.decode()


@pytest.mark.parametrize("count", [3, 300])
def test_the_list_takes_the_same_queries_however_long(client, student, count, django_assert_num_queries):
    one = stored()
    for _each in range(count):
        make_activity(student, document=one)

    with django_assert_num_queries(11):
        answer = client.get(reverse("activities:list"))

    assert answer.status_code == 200
    assert f"全部 {count}" in text(answer)


def test_the_list_filters_by_category_and_shows_only_ones_own(client, student):
    make_activity(student)
    make_activity(student, category=Category.FLEXIBLE_LEARNING)
    make_activity(StudentFactory(school=student.school), title="別人的比賽")

    page = text(client.get(reverse("activities:list"), {"category": "flexible_learning"}))

    assert "Python 自學" in page
    assert "全國技能競賽" not in page
    assert "別人的比賽" not in page
    assert "競賽參與紀錄 1" in page


def test_a_new_student_reads_how_to_begin(client, student):
    page = text(client.get(reverse("activities:list")))

    assert "這裡還沒有紀錄" in page
    assert "新增競賽參與紀錄" in page
    assert "新增彈性學習時間紀錄" in page


def test_after_the_window_nothing_can_be_begun(client, student):
    open_windows(closed=True)

    page = text(client.get(reverse("activities:list")))

    assert "現在不能新增或修改" in page
    assert "新增競賽參與紀錄" not in page


def test_starting_leads_to_the_form(client, student):
    answer = client.post(reverse("activities:start"), {"category": "competition"})

    activity = Activity.objects.get()
    assert answer.headers["Location"] == url("edit", activity)


def test_the_form_says_the_limits_first(client, student):
    page = text(client.get(url("edit", make_activity(student))))

    assert page.index("先看限制") < page.index('type="file"')
    assert "PDF、JPG、PNG，4 MB 以內" in page
    assert "MP3、MP4，10 MB 以內" in page
    assert 'value="115/03/02"' in page


def plain(client, activity, **files):
    """The form of the files, as a browser without JavaScript sends it; the page it leads back to."""
    item = {"item_kind": "activity", "item_id": str(activity.pk)}
    return client.post(reverse("uploads:plain"), item | files, follow=True)


def test_without_javascript_fields_and_file_are_two_forms(client, student):
    activity = make_activity(student, document=None, fields={})
    data = COMPETITION | {"announced_on": "2026-03-02", "note": "第一次參加", "link": ""}

    kept = plain(client, activity, document=SimpleUploadedFile("獎狀.pdf", PDF))
    answer = client.post(url("edit", activity), data)

    assert kept.redirect_chain == [(url("edit", activity), 302)]
    assert "已上傳並存好：獎狀.pdf" in text(kept)
    assert answer.headers["Location"] == url("detail", activity)
    activity.refresh_from_db()
    assert (activity.fields, activity.document.original_name) == (COMPETITION, "獎狀.pdf")


def test_wrong_fields_are_named_and_nothing_is_kept(client, student):
    activity = make_activity(student)
    before = row(activity)

    answer = client.post(
        url("edit", activity), COMPETITION | {"announced_on": "115/02/30", "note": "字" * 101}
    )

    assert answer.status_code == 422
    assert "沒有這一天" in text(answer)
    assert "請刪去 1 字" in text(answer)
    assert row(activity) == before


def test_a_refused_file_is_said_on_the_page(client, student):
    activity = make_activity(student, document=None)

    answer = plain(client, activity, document=SimpleUploadedFile("病毒.pdf", b"MZ\x90\x00"))

    assert "「病毒.pdf」沒有收下" in text(answer)
    activity.refresh_from_db()
    assert activity.document is None


def test_files_are_given_back(client, student):
    activity = make_activity(student, document=None)
    plain(client, activity, document=SimpleUploadedFile("獎狀.pdf", PDF))
    activity.refresh_from_db()
    derive_file(actor=Actor.system("test"), file_id=activity.document_id)

    file = client.get(url("file", activity, "document"))

    assert b"".join(file.streaming_content) == PDF
    assert client.get(url("page", activity, "document", 1)).headers["Content-Type"] == "image/jpeg"
    assert client.get(url("page", activity, "document", 99)).status_code == 404
    assert client.get(url("play", activity, "document")).status_code == 404
    assert client.get(url("file", activity, "media")).status_code == 404
    assert client.get(url("file", activity, "school")).status_code == 404


def test_removing_and_deleting(client, student):
    activity = make_activity(student)

    assert client.post(url("remove_file", activity, "document")).headers["Location"] == url("edit", activity)
    assert client.post(url("delete", activity)).headers["Location"] == reverse("activities:list")
    assert row(activity) is None


@pytest.mark.parametrize("state", S)
def test_the_detail_says_where_it_stands(client, student, state):
    activity = make_activity(student, state)

    page = text(client.get(url("detail", activity)))

    assert str(S(state).label) in page
    assert ("確定刪除" in page) == (state == S.DRAFT)
    assert (url("edit", activity) in page) == (state == S.DRAFT)
    assert client.get(url("edit", activity)).status_code == (200 if state == S.DRAFT else 409)


def test_the_homeroom_teacher_reads_and_changes_nothing(client, student):
    homeroom = PersonFactory(school=student.school, roles=[Role.HOMEROOM])
    student.student.class_group.homeroom_teacher = homeroom
    student.student.class_group.save()
    activity = make_activity(student)
    client.force_login(homeroom.user)

    page = text(client.get(url("detail", activity)))

    assert "王品妍" in page
    assert "確定刪除" not in page
    assert client.get(url("edit", activity)).status_code == 403
    assert client.post(url("delete", activity)).status_code == 403
    assert client.post(url("edit", activity), COMPETITION).status_code == 403


@pytest.mark.parametrize(
    ("name", "more"),
    [
        ("detail", []),
        ("edit", []),
        ("file", ["document"]),
        ("page", ["document", 1]),
        ("play", ["document"]),
        ("receipt", ["document"]),
    ],
)
def test_other_schools_find_nothing(client, student, name, more):
    activity = make_activity()

    assert client.get(url(name, activity, *more)).status_code == 404


def test_a_link_is_shown_and_cannot_run(client, student):
    activity = make_activity(student, link="https://example.org/?a=<script>", note="<b>x</b>")

    page = text(client.get(url("detail", activity)))

    assert "<script>" not in page.replace('<script src="', "")
    assert "&lt;b&gt;x&lt;/b&gt;" in page
