"""Who may see this: told from the rules, and the same as asking everybody of the school one by one."""

import pytest
from django.test import Client
from django.urls import reverse

from licheng.foundations.authz import RULES, allows
from licheng.foundations.errors import NotFound
from licheng.school.activities.queries import activity_readers
from licheng.school.counselling.queries import consultation_readers
from licheng.school.frontdesk.addresses import digest_of, secret_of
from licheng.school.frontdesk.models import HelpRequest
from licheng.school.frontdesk.queries import question_readers
from licheng.school.outcomes.queries.readers import outcome_readers
from licheng.school.people.models import Person, Role
from licheng.school.people.queries.readers import person_readers, session_readers
from licheng.school.receipts.queries import receipt_readers
from licheng.school.records.queries.readers import class_readers, course_readers, records_readers
from licheng.school.rosters.models import RosterImport
from licheng.school.rosters.queries.readers import import_readers
from licheng.school.selection.queries import selection_readers
from licheng.school.submission.queries import batch_readers
from tests.factories import PersonFactory, StudentFactory, actor
from tests.pages import faults_in
from tests.relations_world import grant, guardian, related
from tests.school.counselling_cases import consultation
from tests.world import complete_school

QUERIES = 12


@pytest.fixture
def here(db, settings):
    settings.ROOT_URLCONF = "licheng.config.urls_school"
    return related(complete_school())


def everybody(here):
    """Everybody of the school as an actor."""
    return [actor(person) for person in Person.objects.filter(school=here.school)]


def named_in(told):
    """For each rule: whom the page names."""
    return {rule.name: {reader.person_id for reader in rule.readers if reader.person_id} for rule in told}


def let_in_of(people, row, told):
    """For each rule: whom it lets in when everybody is asked."""
    return {
        rule.name: {one.person_id for one in people if allows(one, RULES[rule.name], row)} for rule in told
    }


def test_outcomes(here):
    people = everybody(here)
    for outcome in (here.own["Outcome"], here.outcomes["draft"], here.other["Outcome"]):
        student = actor(outcome.student)
        told = outcome_readers(student, outcome.pk)
        assert named_in(told) == let_in_of(people, outcome, told)


def test_activities_receipts_and_people(here):
    owner, people = actor(here.cast["owner"]), everybody(here)
    for row, told in (
        (here.activities["selected"], activity_readers(owner, here.activities["selected"].pk)),
        (here.activities["draft"], activity_readers(owner, here.activities["draft"].pk)),
        (here.own["StudentReceipt"], receipt_readers(owner, here.own["StudentReceipt"].pk)),
        (here.own["Person"], person_readers(owner, here.own["Person"].pk)[1]),
        (here.own["Person"], records_readers(owner, here.own["Person"].pk)),
        (here.cast["teacher"], person_readers(actor(here.cast["teacher"]), here.cast["teacher"].pk)[1]),
    ):
        assert named_in(told) == let_in_of(people, row, told)


def test_selections_batches_records_imports_sessions_and_questions(here):
    """Each told to somebody whom its rule lets in, and to no one else."""
    cast, own, people = here.cast, here.own, everybody(here)
    for row, query, asker in (
        (own["SelectionTally"], selection_readers, "owner"),
        (own["Batch"], batch_readers, "receipt_officer"),
        (own["ClassGroup"], class_readers, "homeroom_deputy"),
        (own["Offering"], course_readers, "teacher"),
        (own["RosterImport"], import_readers, "registrar"),
        (own["StaffSession"], session_readers, "working_group"),
        (own["HelpRequest"], question_readers, "owner"),
    ):
        key = row.student_id if query is selection_readers else row.pk
        told = query(actor(cast[asker]), key)

        named = named_in(told)
        assert named == let_in_of(people, row, told), query
        assert any(named.values()), query
        for stranger in ("classmate", "former_homeroom", "former_teacher", "former_guardian"):
            with pytest.raises(NotFound):
                query(actor(cast[stranger]), key)


def test_a_selection_without_a_tally_is_told_all_the_same(here):
    owner = here.cast["owner"]
    told = selection_readers(actor(owner), owner.pk)
    here.own["SelectionTally"].delete()

    assert selection_readers(actor(owner), owner.pk) == told
    with pytest.raises(NotFound):
        selection_readers(actor(here.cast["classmate"]), here.cast["classmate"].pk)


def group_of(here):
    """A consultation of the owner, her classmate and a student of another class with her own homeroom teacher."""
    cast = here.cast
    here.other["ClassGroup"].homeroom_teacher = cast["other_homeroom"] = PersonFactory(school=here.school)
    here.other["ClassGroup"].save()
    return consultation(cast["counsellor"], cast["owner"], cast["classmate"], cast["other_student"])


def test_in_a_group_nobody_is_named_through_a_student_out_of_sight(here):
    """Who reads through such a student is told as a relation; who may know everybody reads every name."""
    row, cast = group_of(here), here.cast
    told = consultation_readers(actor(cast["registrar"]), row.pk)
    reads = let_in_of(everybody(here), row, told[:1])["counselling.see"]
    assert named_in(told)["counselling.see"] == reads
    of_other = ("other_student", "other_homeroom", "other_homeroom_deputy")
    for asker, hidden in (
        ("counsellor", ()),
        ("owner", ("classmate", *of_other)),
        ("homeroom", of_other),
    ):
        told = consultation_readers(actor(cast[asker]), row.pk)

        named = named_in(told)
        assert reads - named["counselling.see"] == {cast[name].pk for name in hidden}, asker
        assert named["counselling.see"] <= reads, asker
        assert named["counselling.write"] == {cast["counsellor"].pk}
        unnamed = {reader.as_what for reader in told[0].readers if not reader.name}
        words = ("本人", "導師", "代理導師") if hidden else ()
        assert unnamed == {f"其他學生：{word}" for word in words}, asker


def test_who_reads_through_another_student_is_not_named_for_a_relation_that_lets_nobody_in(here):
    """A counsellor of the owner's class reads only as the homeroom teacher of a student out of her sight."""
    row, cast = group_of(here), here.cast
    grant(cast["other_homeroom"], Role.COUNSELLOR, group=here.own["ClassGroup"])

    told = consultation_readers(actor(cast["owner"]), row.pk)

    reads = let_in_of([actor(cast["other_homeroom"])], row, told)["counselling.see"]
    assert reads - named_in(told)["counselling.see"] == {cast["other_homeroom"].pk}


def test_whoever_holds_the_secret_of_a_question_reads_offices_and_no_names(here):
    question = here.own["HelpRequest"]
    secret = secret_of(question.pk)
    HelpRequest.objects.filter(pk=question.pk).update(person=None, digest=digest_of(secret))
    stranger = Client()

    page = stranger.get(reverse("frontdesk:thread_who", args=[secret]))
    wrong = stranger.get(reverse("frontdesk:thread_who", args=["A" * 43]))

    assert (page.status_code, wrong.status_code) == (200, 404)
    text = page.content.decode()
    assert [person.name for person in here.cast.values() if person.name in text] == []
    assert all(word in text for word in ("知道這則詢問網址的人", "註冊組", "系統管理員"))


def test_of_machines_the_one_that_sent_an_import_is_told(here):
    roster, registrar = here.own["RosterImport"], actor(here.cast["registrar"])
    by_person = [reader.as_what for reader in import_readers(registrar, roster.pk)[0].readers]
    RosterImport.objects.filter(pk=roster.pk).update(sender=f"machine:{here.own['MachineToken'].pk}")

    by_machine = [reader.as_what for reader in import_readers(registrar, roster.pk)[0].readers]

    assert by_machine == [*by_person, "程式：校務系統"]


def test_it_is_told_as_what_somebody_is_let_in(here):
    owner = actor(here.cast["owner"])

    see = outcome_readers(owner, here.own["Outcome"].pk)[0]

    words = {reader.person_id: reader.as_what for reader in see.readers}
    assert {words[here.cast[name].pk] for name in ("owner", "homeroom", "homeroom_deputy", "guardian")} == {
        "本人",
        "導師",
        "代理導師",
        "家長",
    }
    assert words[here.cast["course_deputy"].pk] == "代理認證人"
    assert words[here.cast["administrator_in_session"].pk] == "系統管理員（只在管理工作階段中）"


def test_one_parent_is_not_told_the_others_name(here):
    owner, other = here.cast["owner"], guardian(here.cast["owner"])
    outcome = here.own["Outcome"].pk

    def guardians_told_to(name):
        see = outcome_readers(actor(here.cast[name]), outcome)[0]
        return {(one.person_id, one.note) for one in see.readers if one.as_what == "家長"}

    both = {(here.cast["guardian"].pk, ""), (other.pk, "")}
    assert guardians_told_to("owner") == both
    assert guardians_told_to("guardian") == {(here.cast["guardian"].pk, ""), (None, "不列姓名")}
    assert guardians_told_to("homeroom") == {(None, "不列姓名")}
    registrar = actor(here.cast["registrar"])
    told = {one.person_id for one in records_readers(registrar, owner.pk)[0].readers if one.as_what == "家長"}
    assert told == {pk for pk, _note in both}


def test_nobody_reads_who_reads_what_she_may_not_see(here):
    for name in ("classmate", "former_homeroom", "former_guardian", "administrator"):
        with pytest.raises(NotFound):
            outcome_readers(actor(here.cast[name]), here.own["Outcome"].pk)


def test_pages_stay_quick_in_a_big_school(here, django_assert_max_num_queries):
    cast, own = here.cast, here.own
    for _number in range(40):
        PersonFactory(school=here.school, roles=[Role.TEACHER])
        StudentFactory(school=here.school, profile__class_group=own["ClassGroup"])
    group = consultation(cast["counsellor"], *Person.objects.filter(school=here.school, is_student=True))
    for asker, name, key in (
        ("owner", "outcomes:who", own["Outcome"].pk),
        ("owner", "activities:who", here.activities["draft"].pk),
        ("owner", "receipts:who", own["StudentReceipt"].pk),
        ("owner", "people:who", cast["owner"].pk),
        ("owner", "records:who", cast["owner"].pk),
        ("owner", "selection:who", cast["owner"].pk),
        ("owner", "frontdesk:question_who", own["HelpRequest"].pk),
        ("counsellor", "counselling:who", group.pk),
        ("homeroom", "records:class_who", own["ClassGroup"].pk),
        ("teacher", "records:course_who", own["Offering"].pk),
        ("registrar", "submission:who", own["Batch"].pk),
        ("registrar", "rosters:who", own["RosterImport"].pk),
        ("administrator", "people:session_who", own["StaffSession"].pk),
    ):
        client = Client()
        client.force_login(cast[asker].user)
        with django_assert_max_num_queries(QUERIES):
            page = client.get(reverse(name, args=[key])).content.decode()
        assert any(
            cast[near].name in page for near in ("homeroom", "teacher", "registrar", "administrator")
        ), name
        assert faults_in(page) == [], name
