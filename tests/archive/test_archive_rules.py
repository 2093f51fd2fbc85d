"""Every rule of the intake: the package goes back, file and rule are named, nothing is held."""

import uuid

import pytest
from licheng_exchange import SigningKey

from licheng.archive.holdings.models import HeldFile, HeldItem, HeldStudent
from licheng.archive.intake.models import Deposit
from licheng.archive.intake.packages import package_path
from licheng.archive.receipts.models import IssuedReceipt
from licheng.foundations.custody.copies import copies
from licheng.foundations.ledger.models import LedgerEntry
from tests.archive.packages import SAMPLES, SCHOOL_CODE, Package, Part, arrived, checked, pdf, small_package

pytestmark = pytest.mark.django_db
MANIFEST = "manifest.json"
MB = 2**20


def stored_names():
    return [
        path.name
        for copy in copies()
        if copy.root.exists()
        for path in copy.root.rglob("*")
        if path.is_file()
    ]


def assert_refused(deposit, *expected):
    """The deposit went back with exactly these (file, rule) pairs, and nothing of it is held."""
    assert deposit.state == "refused"
    assert [(one["file"], one["rule"]) for one in deposit.problems] == list(expected)
    assert all(one["text_zh"] and one["text_en"] for one in deposit.problems)
    assert not HeldItem.objects.filter(deposit=deposit).exists()
    assert not IssuedReceipt.objects.filter(deposit=deposit).exists()
    assert not package_path(deposit.pk).exists()


def member(part):
    return f"files/{part.listed()['sha256']}"


def with_outcome(package, *parts, **changes):
    return package.student("1150001", package.outcome(*parts, **changes))


def test_a_package_under_another_name_is_refused(depositor):
    package = with_outcome(Package())
    data = package.sealed()
    package.id = uuid.uuid4()

    assert_refused(checked(depositor, package, data), (MANIFEST, "package-id"))


def test_a_package_of_another_school_is_refused(depositor):
    package = with_outcome(Package(school_code="000005"), course_code="115000005V4092901010101")

    assert_refused(checked(depositor, package), (MANIFEST, "school"), (MANIFEST, "course-code-school"))


def test_a_package_of_another_year_than_announced_is_refused(depositor):
    package = with_outcome(Package(school_year=116))
    data = package.sealed()
    package.school_year = 115

    assert_refused(checked(depositor, package, data), (MANIFEST, "school-year"))


@pytest.mark.parametrize("year", [116, 107])
def test_an_item_of_a_year_that_cannot_be_is_refused(depositor, year):
    assert_refused(checked(depositor, with_outcome(Package(), school_year=year)), (MANIFEST, "school-year"))


def test_a_package_without_items_is_refused(depositor):
    assert_refused(checked(depositor, Package().student("1150001")), (MANIFEST, "no-items"))


@pytest.mark.parametrize("value", [None, ""])
def test_an_uncertified_outcome_is_refused(depositor, value):
    package = with_outcome(Package(), certified_at=value)
    rule = "not-certified" if value is None else "manifest-field"

    deposit = checked(depositor, package, package.forged())

    assert_refused(deposit, (MANIFEST, rule))


@pytest.mark.parametrize(
    ("code", "rule"),
    [
        ("115", "course-code-length"),
        (f"107{SCHOOL_CODE}V4092901010101", "course-code-entry-year"),
        ("115070401V4092901010101", "course-code-school"),
    ],
)
def test_a_wrong_course_code_is_refused(depositor, code, rule):
    assert_refused(checked(depositor, with_outcome(Package(), course_code=code)), (MANIFEST, rule))


def test_a_note_of_101_characters_is_refused_and_of_100_taken(depositor):
    long, fitting = (with_outcome(Package(), note="𠮷" * count) for count in (101, 100))

    assert_refused(checked(depositor, long, long.forged()), (MANIFEST, "note-length"))
    assert checked(depositor, fitting).state == "accepted"


def test_two_files_for_one_purpose_are_refused(depositor):
    parts = [Part("一.pdf", pdf("one")), Part("二.pdf", pdf("two"))]

    assert_refused(checked(depositor, with_outcome(Package(), *parts)), (MANIFEST, "role-twice"))


def test_a_program_named_pdf_is_refused(depositor):
    part = Part("作品.pdf", b"MZ" + bytes(200))

    assert_refused(checked(depositor, with_outcome(Package(), part)), (member(part), "type-not-allowed"))


def test_a_broken_pdf_is_refused(depositor):
    part = Part("作品.pdf", pdf("whole")[:-20])

    assert_refused(checked(depositor, with_outcome(Package(), part)), (member(part), "truncated-pdf"))


def test_media_where_a_document_belongs_is_refused(depositor):
    part = Part("訪談.mp3", (SAMPLES / "voice_zh_id3.mp3").read_bytes())

    assert_refused(checked(depositor, with_outcome(Package(), part)), (member(part), "type-not-allowed"))


def test_a_file_listed_as_another_type_is_refused(depositor):
    part = Part("作品.pdf", pdf("typed"))
    package = with_outcome(Package(), part)
    package.types[part.listed()["sha256"]] = "image/png"

    assert_refused(checked(depositor, package), (member(part), "type-differs"))


@pytest.mark.parametrize(("extra", "state"), [(0, "accepted"), (1, "refused")])
def test_a_document_may_have_4_mb_and_no_byte_more(depositor, extra, state):
    plain = pdf("large")
    place = plain.rindex(b"startxref")
    # white space before the trailer's offset line keeps the document whole and makes it as long as wanted
    data = plain[:place] + b"\n" * (4 * MB + extra - len(plain)) + plain[place:]
    part = Part("作品.pdf", data)

    deposit = checked(depositor, with_outcome(Package(), part))

    assert deposit.state == state
    if extra:
        assert_refused(deposit, (member(part), "file-too-large"))


def test_the_seventh_outcome_of_a_year_is_refused_together_with_what_is_held(depositor):
    first, second = Package(), Package()
    first.student("1150001", *(first.outcome() for _n in range(4)))
    second.student("1150001", *(second.outcome() for _n in range(3)))
    assert checked(depositor, first).state == "accepted"

    deposit = checked(depositor, second)

    assert_refused(deposit, (MANIFEST, "quota-year"))
    assert "已收 4 件" in deposit.problems[0]["text_zh"]
    assert HeldItem.objects.count() == 4


def test_the_eleventh_activity_of_a_year_is_refused_and_the_tenth_taken(depositor):
    ten, eleven = Package(), Package()
    ten.student("1150001", *(ten.activity() for _n in range(10)))
    eleven.student("1150002", *(eleven.activity() for _n in range(11)))

    assert checked(depositor, ten).state == "accepted"
    assert_refused(checked(depositor, eleven), (MANIFEST, "quota-year"))


def test_the_nineteenth_outcome_in_all_is_refused(depositor):
    for year in (115, 116, 117):
        package = Package(school_year=year)
        package.student("1150001", *(package.outcome() for _n in range(6)))
        assert checked(depositor, package).state == "accepted"
    fourth = Package(school_year=118)

    assert_refused(checked(depositor, with_outcome(fourth)), (MANIFEST, "quota-total"))


def test_an_item_that_is_held_already_is_refused(depositor):
    first, again = Package(), Package()
    outcome = first.outcome()
    again.contents, again.types = first.contents, first.types
    assert checked(depositor, first.student("1150001", outcome)).state == "accepted"

    deposit = checked(depositor, again.student("1150001", outcome))

    assert_refused(deposit, (MANIFEST, "already-held"))
    assert outcome["item"] in deposit.problems[0]["text_zh"]


def test_a_held_item_with_another_record_is_refused(depositor):
    first, again = Package(), Package()
    outcome = first.outcome()
    again.contents, again.types = first.contents, first.types
    checked(depositor, first.student("1150001", outcome))

    deposit = checked(depositor, again.student("1150001", {**outcome, "note": "改過的說明"}))

    assert_refused(deposit, (MANIFEST, "held-otherwise"))
    assert HeldItem.objects.get().record == outcome


@pytest.mark.parametrize(
    ("changes", "rule"),
    [({"id_number": "A199999999"}, "student-differs"), ({"subject_key": "ab" * 32}, "subject-key")],
)
def test_a_student_number_that_became_somebody_else_is_refused(depositor, changes, rule):
    checked(depositor, with_outcome(Package()))
    package = Package()
    before = HeldStudent.objects.values().get()

    deposit = checked(depositor, package.student("1150001", package.outcome(), **changes))

    assert_refused(deposit, (MANIFEST, rule))
    assert HeldStudent.objects.values().get() == before


def test_a_new_name_of_a_known_student_is_taken(depositor):
    checked(depositor, with_outcome(Package()))
    package = Package()

    assert (
        checked(depositor, package.student("1150001", package.outcome(), name="新名字")).state == "accepted"
    )
    assert HeldStudent.objects.get().name == "新名字"


def test_a_package_signed_by_an_unregistered_key_is_refused(depositor):
    stranger = SigningKey.generate("school.test/stranger")

    deposit = checked(depositor, with_outcome(Package(key=stranger)))

    assert_refused(deposit, ("manifest.sig", "signer-unknown"))


def test_every_altered_byte_region_is_refused_and_nothing_is_held(depositor):
    data = small_package().sealed()
    for place in sorted({0, 20, 40, 100, *range(0, len(data), len(data) // 24), len(data) - 1}):
        altered = bytearray(data)
        altered[place] ^= 1
        package = small_package()

        deposit = checked(depositor, package, bytes(altered))

        assert deposit.state == "refused", place
        assert all(one["file"] and one["rule"] for one in deposit.problems)
    assert not HeldItem.objects.exists()
    assert not HeldFile.objects.exists()
    assert not LedgerEntry.objects.exists()


def test_an_altered_file_is_named(depositor):
    part = Part("作品.pdf", pdf("to be altered"))
    package = with_outcome(Package(), part)
    data = bytearray(package.sealed())
    data[data.index(member(part).encode()) + 200] ^= 1

    deposit = checked(depositor, package, bytes(data))

    assert (deposit.state, deposit.problems[0]["file"]) == ("refused", member(part))


def test_a_refused_package_leaves_no_file_in_the_copies_when_a_rule_of_its_manifest_is_broken(depositor):
    checked(depositor, with_outcome(Package(), certified_at=None))

    assert stored_names() == []


def test_all_broken_rules_are_named_at_once(depositor):
    program = Part("程式.pdf", b"MZ" + bytes(200))
    package = Package()
    package.student("1150001", package.outcome(certified_at=None), package.outcome(program))

    assert_refused(
        checked(depositor, package), (MANIFEST, "not-certified"), (member(program), "type-not-allowed")
    )


def test_a_verdict_stays(depositor):
    deposit = checked(depositor, with_outcome(Package(), certified_at=None))
    before = Deposit.objects.values().get()

    from licheng.archive.receipts.operations import check_deposit
    from licheng.foundations.authz import Actor

    check_deposit(actor=Actor.system("task:check_deposit"), deposit_id=deposit.pk)

    assert Deposit.objects.values().get() == before


def test_arrived_is_not_yet_held(depositor):
    package = small_package()

    assert arrived(depositor, package, package.sealed()).state == "arrived"
    assert not HeldItem.objects.exists()
