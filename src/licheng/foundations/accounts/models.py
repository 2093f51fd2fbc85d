from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _


class User(AbstractBaseUser):
    """One sign-in. `login` is `<school code>:<account>` on the school site, the bare account elsewhere."""

    login = models.CharField(_("帳號"), max_length=64, unique=True)
    name = models.CharField(_("姓名"), max_length=200, blank=True)
    is_active = models.BooleanField(_("可登入"), default=True)
    is_operator = models.BooleanField(_("中央操作人員"), default=False)
    created_at = models.DateTimeField(_("建立時間"), auto_now_add=True)
    # Raised to make every known device and every open session of this account strangers at once.
    epoch = models.PositiveIntegerField(default=0)
    # Raised with every change of second factors: what other sessions have shown counts no more.
    factors_version = models.PositiveIntegerField(default=0)

    # The person has said so; then only the school can open the account again.
    without_email_at = models.DateTimeField(_("表明沒有電子郵件的時間"), null=True, blank=True)

    objects = BaseUserManager["User"]()

    USERNAME_FIELD = "login"

    class Meta:
        verbose_name = _("帳號")

    def __str__(self) -> str:
        return self.login


class CodePurpose(models.TextChoices):
    """Why a single-use code was handed out."""

    ENROL = "enrol", _("第一次啟用")
    RECOVER = "recover", _("重新啟用")


class EnrolmentCode(models.Model):
    """A single-use code that lets one person choose a password; kept as a keyed digest, shown once."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="codes", verbose_name=_("帳號"))
    purpose = models.CharField(_("用途"), max_length=8, choices=CodePurpose)
    digest = models.CharField(max_length=64, unique=True)
    issued_by = models.CharField(_("發給者"), max_length=120)
    identity_check = models.CharField(_("如何確認身分"), max_length=200, blank=True)
    issued_at = models.DateTimeField(_("發給時間"), auto_now_add=True)
    expires_at = models.DateTimeField(_("有效期限"))
    used_at = models.DateTimeField(_("使用時間"), null=True, blank=True)
    withdrawn_at = models.DateTimeField(_("作廢時間"), null=True, blank=True)

    class Meta:
        verbose_name = _("啟用碼")
        constraints = [
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(used_at=None, withdrawn_at=None),
                name="one_open_code_per_account",
            ),
            models.CheckConstraint(
                condition=~models.Q(purpose=CodePurpose.RECOVER) | ~models.Q(identity_check=""),
                name="recovery_names_its_identity_check",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.purpose} {self.user_id}"
