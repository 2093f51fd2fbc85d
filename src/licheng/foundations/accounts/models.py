from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractBaseUser):
    """One sign-in. `login` is `<school code>:<account>` on the school site, the bare account elsewhere."""

    login = models.CharField(_("帳號"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=200, blank=True)
    is_active = models.BooleanField(_("可登入"), default=True)
    must_change_password = models.BooleanField(_("須更換密碼"), default=False)
    is_operator = models.BooleanField(_("中央操作人員"), default=False)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "login"

    class Meta:
        verbose_name = _("帳號")

    def __str__(self) -> str:
        return self.login
