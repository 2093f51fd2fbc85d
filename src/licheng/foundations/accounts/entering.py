"""Who somebody is at this site, and whether still: asked of the site, which knows who its people are."""

from collections.abc import Callable
from copy import copy

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.http import HttpRequest
from django.utils.module_loading import import_string

from licheng.foundations.accounts.models import User
from licheng.foundations.authz import Actor


def may_enter(user: AbstractBaseUser) -> bool:
    """Whether this account is open and its person still belongs here."""
    asked: Callable[[User], bool] = import_string(settings.MAY_ENTER)
    return isinstance(user, User) and user.is_active and asked(user)


def actor_at_the_door(request: HttpRequest, user: User) -> Actor | None:
    """Who this account would be at this site, before its session exists."""
    shadow = copy(request)
    shadow.user = user
    if settings.ENTER_SCHOOL:
        enter: Callable[[HttpRequest], None] = import_string(settings.ENTER_SCHOOL)
        enter(shadow)
    actor_of: Callable[[HttpRequest], Actor | None] = import_string(settings.ACTOR_OF)
    return actor_of(shadow)
