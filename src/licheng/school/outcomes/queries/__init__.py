from licheng.school.outcomes.queries.detail import (
    EditPage,
    OutcomeDetail,
    file_seen,
    file_shown,
    names_of_same_bytes,
    outcome_detail,
    outcome_to_edit,
    own_outcome,
)
from licheng.school.outcomes.queries.mine import MyOutcomes, my_outcomes, use_of_semester
from licheng.school.outcomes.queries.over import students_over_course, students_over_semester
from licheng.school.outcomes.queries.shown import ShownState, state_shown, tone_shown
from licheng.school.outcomes.queries.student import outcomes_seen_of
from licheng.school.outcomes.queries.teaching import (
    Queue,
    Review,
    decisions_to_publish,
    next_waiting,
    queue_for,
    review_of,
)

__all__ = [
    "EditPage",
    "MyOutcomes",
    "OutcomeDetail",
    "Queue",
    "Review",
    "ShownState",
    "decisions_to_publish",
    "file_seen",
    "file_shown",
    "my_outcomes",
    "names_of_same_bytes",
    "next_waiting",
    "outcome_detail",
    "outcome_to_edit",
    "outcomes_seen_of",
    "own_outcome",
    "queue_for",
    "review_of",
    "state_shown",
    "students_over_course",
    "students_over_semester",
    "tone_shown",
    "use_of_semester",
]
