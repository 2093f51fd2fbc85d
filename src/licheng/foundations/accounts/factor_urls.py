"""Addresses of second factors; those of allauth are not included, its checks are used from here."""

from django.urls import path

from licheng.foundations.accounts.views import factors, showing

urlpatterns = [
    path("protection/", factors.index, name="factors"),
    path("protection/app/", factors.AddApp.as_view(), name="add_app"),
    path("protection/passkey/", factors.AddPasskey.as_view(), name="add_passkey"),
    path("protection/<int:factor_id>/name/", factors.rename, name="rename_passkey"),
    path("protection/<int:factor_id>/remove/", factors.remove, name="remove_factor"),
    path("protection/codes/", factors.recovery_codes, name="recovery_codes"),
    path("protection/codes/new/", factors.renew_codes, name="renew_codes"),
    path("step-up/", showing.StepUp.as_view(), name="step_up"),
    path("passkey/", showing.PasskeySignIn.as_view(), name="passkey_sign_in"),
]
