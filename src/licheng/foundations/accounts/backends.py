from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.db.models import QuerySet
from django.http import HttpRequest

from licheng.foundations.accounts.entering import may_enter
from licheng.foundations.accounts.models import User
from licheng.foundations.statements import Later, prepared


@prepared
def _account(key: Later) -> QuerySet[User]:
    return User.objects.filter(pk=key)


class PeopleBackend(ModelBackend):
    """Passwords of people who still belong to this site; everybody else fails in the same way and time."""

    def authenticate(  # type: ignore[override]  # the stubs know Django's own model only
        self, request: HttpRequest | None, **credentials: Any
    ) -> AbstractBaseUser | None:
        """The account with this name and password, or None; the password is hashed once in every case."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return user if user is not None and may_enter(user) else None

    def get_user(self, user_id: int) -> User | None:
        """The open account of a session; asked by every request of somebody who is signed in."""
        found: list[User] = _account(key=user_id)
        return found[0] if found and self.user_can_authenticate(found[0]) else None
