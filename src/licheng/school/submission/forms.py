from django import forms
from django.utils.translation import gettext_lazy as _


class SealForm(forms.Form):
    """The submitter says that undecided outcomes are known to stay behind."""

    open_matters_known = forms.BooleanField(
        label=_("我已看過待處理清單，知道這些成果這次不會送出"), required=False
    )
