"""Which of many people a rule lets at a row: the same as asking one by one, in one statement."""

from types import SimpleNamespace

import pytest
from django.db.models import Q
from django.db.models.expressions import RawSQL

from licheng.foundations.accounts.models import User
from licheng.foundations.askers import let_in
from licheng.foundations.authz import Actor

pytestmark = pytest.mark.django_db
LIKE = Actor(None, 1, "like", frozenset({"clerk"}))


def rule(name, scope):
    """Whatever can be asked like a rule; a real one would stand in the list of all rules."""
    return SimpleNamespace(name=name, within=scope)


def oneself(actor):
    return Q(pk__in=User.objects.filter(pk=actor.person_id).values("pk"))


def test_many_are_asked_in_one_statement(django_assert_num_queries):
    users = [User.objects.create(login=f"u{n}", name="百分之百 100%s") for n in range(30)]
    keys = [one.pk for one in users]
    rules = [
        rule("self", oneself),
        rule("role", lambda actor: Q() if actor.roles else Q(pk__in=())),
        rule("nobody", lambda _actor: Q(pk__in=())),
        rule("text", lambda actor: Q(name__contains="100%s") & ~oneself(actor)),
    ]

    with django_assert_num_queries(1):
        told = let_in(rules, users[3], keys, LIKE)
    with django_assert_num_queries(0):
        assert let_in(rules, users[3], [], LIKE) == dict.fromkeys(told, frozenset())

    assert told == {
        "self": {keys[3]},
        "role": set(keys),
        "nobody": set(),
        "text": set(keys) - {keys[3]},
    }


def test_a_statement_that_cannot_be_taken_apart_is_refused():
    user = User.objects.create(login="u")
    odd = rule("odd", lambda _actor: Q(pk__in=RawSQL("SELECT 1 WHERE 'a%%s' = ''", ())))

    with pytest.raises(ValueError, match="odd"):
        let_in([odd], user, [user.pk], LIKE)
