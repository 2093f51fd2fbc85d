"""Plans that a connection keeps: for whom, and what happens when a table is changed under them."""

import pytest
from django.db import connections

from licheng.config.database import ASKED_BEFORE, MOST_VALUES

ASK = "SELECT name FROM prepared_case WHERE id = %s"
WIDEN = "ALTER TABLE prepared_case ALTER name TYPE varchar(20)"


@pytest.fixture
def lines(db):
    """Two connections of their own, as two processes have, and a table that both see."""
    ours, other = (connections.create_connection("default") for _one in range(2))
    run(other, "CREATE TABLE prepared_case (id bigint, name varchar(10))")
    run(other, "INSERT INTO prepared_case VALUES (1, '王小明')")
    yield ours, other
    ours.close()
    run(other, "DROP TABLE prepared_case")
    other.close()


def run(line, statement, *values):
    with line.cursor() as cursor:
        cursor.execute(statement, values or None)
        return cursor.fetchall() if cursor.description else None


def asked_often(line):
    return [run(line, ASK, 1) for _time in range(ASKED_BEFORE + 3)]


def kept(line):
    return run(
        line, "SELECT count(*) FROM pg_prepared_statements WHERE statement LIKE %s", "%prepared_case%"
    )[0][0]


def test_a_question_that_is_asked_again_is_planned_once(lines):
    ours, other = lines

    asked_often(ours)

    assert (kept(ours), kept(other)) == (1, 0)


def test_inside_a_transaction_no_plan_is_kept_nor_used(lines):
    ours, _other = lines
    ours.set_autocommit(False)

    asked_often(ours)

    assert kept(ours) == 0


def test_a_table_changed_meanwhile_is_no_fault(lines):
    """`migrate` may widen a column while processes of before still ask."""
    ours, other = lines
    asked_often(ours)
    run(other, WIDEN)

    answers = asked_often(ours)

    assert answers == [[("王小明",)]] * len(answers)
    assert kept(ours) == 1  # planned anew


def test_a_table_changed_meanwhile_breaks_no_transaction(lines):
    ours, other = lines
    asked_often(ours)
    run(other, WIDEN)

    ours.set_autocommit(False)
    answer = run(ours, ASK, 1)
    ours.rollback()

    assert answer == [("王小明",)]


def test_more_values_than_travel_beside_a_statement_are_asked_for_all_the_same(lines):
    ours, _other = lines
    many = [*range(MOST_VALUES, 0, -1), 1]

    places = ", ".join(["%s"] * len(many))
    found = run(ours, f"SELECT name, '100%%' FROM prepared_case WHERE id IN ({places})", *many)  # noqa: S608 -- nothing but %s

    assert found == [("王小明", "100%")]
