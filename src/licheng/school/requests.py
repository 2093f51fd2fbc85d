from licheng.foundations.requests import PersonRequest
from licheng.school.people.models import School


class SchoolRequest(PersonRequest):
    """A request of somebody of a school; `school` comes with its authority."""

    school: School
