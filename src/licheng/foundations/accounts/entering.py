"""Whether somebody still belongs to this site: asked of the site, which knows who its people are."""

from collections.abc import Callable

from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser
from django.utils.module_loading import import_string

from licheng.foundations.accounts.models import User


def may_enter(user: AbstractBaseUser) -> bool:
    """Whether this account is open and its person still belongs here."""
    asked: Callable[[User], bool] = import_string(settings.MAY_ENTER)
    return isinstance(user, User) and user.is_active and asked(user)
