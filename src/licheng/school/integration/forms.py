from django import forms
from django.utils.translation import gettext_lazy as _

from licheng.foundations.machines.operations.tokens import MOST_DAYS
from licheng.school.integration.operations import OFFERED

DEFAULT_DAYS = 180  # own bound


class TokenForm(forms.Form):
    """What a new token is for, what it may read, and for how long."""

    name = forms.CharField(
        label=_("用途"),
        max_length=60,
        help_text=_("哪個系統、誰負責，例如：校務系統（某某公司）。這段文字會出現在稽核紀錄裡。"),
    )
    scopes = forms.MultipleChoiceField(
        label=_("權限範圍"),
        choices=[(scope.value, scope.label) for scope in OFFERED],
        widget=forms.CheckboxSelectMultiple,
        help_text=_("只勾真正需要的。除了「送入名冊」，都只能讀，不能改任何資料。"),
    )
    days = forms.IntegerField(
        label=_("有效天數"),
        min_value=1,
        max_value=MOST_DAYS,
        initial=DEFAULT_DAYS,
        help_text=_("最多 400 天；到期前請換新的權杖。"),
    )
