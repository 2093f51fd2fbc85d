"""Schools whose students hand work in and have it certified, in the site of this process."""

from tests.drills.parts.uploads import picture, upload


def certified_uploads(ground, schools, students, each, *, first=0):
    """Each student of each school hands in files that a teacher certifies; acknowledgements by (school, account)."""
    from tests.factories import EnrolmentFactory, SchoolFactory, StudentFactory, open_windows

    open_windows()
    told = {}
    for number in range(first, first + schools):
        school = SchoolFactory(code=f"{number:05d}R")
        for place in range(students):
            student = StudentFactory(school=school, account=f"115{place:04d}")
            enrolment = EnrolmentFactory(school=school, student=student)
            mine = [_certified(ground, student, enrolment) for _ in range(each)]
            told[school.code, student.account] = mine
    return told


def _certified(ground, student, enrolment):
    from licheng.foundations.files.models import StoredFile
    from tests.school.items import certified_outcome

    ack = upload(picture(ground.random, side=32), scope=student.school.code, student=student.pk)
    certified_outcome(student, enrolment, stored=StoredFile.objects.get(pk=ack.file))
    return ack


def certifications_lost(acks, root):
    """Certified outcomes whose certified hash is not what a copy gives back now, read by nothing of ours."""
    from licheng.school.outcomes.models import STANDS_CERTIFIED, Outcome
    from tests.drills.parts.store import lost_of

    held = Outcome.objects.filter(document__in=[ack.file for ack in acks], state__in=STANDS_CERTIFIED)
    certified = list(held.values_list("certified_document_sha256", flat=True))
    return len(acks) - len(certified) + len(lost_of(root, certified))
