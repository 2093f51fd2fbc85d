from typing import Any

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest

from licheng.foundations.accounts.entering import may_enter


class PeopleBackend(ModelBackend):
    """Passwords of people who still belong to this site; everybody else fails in the same way and time."""

    def authenticate(  # type: ignore[override]  # the stubs know Django's own model only
        self, request: HttpRequest | None, **credentials: Any
    ) -> AbstractBaseUser | None:
        """The account with this name and password, or None; the password is hashed once in every case."""
        user: AbstractBaseUser | None = super().authenticate(request, **credentials)
        return user if user is not None and may_enter(user) else None
