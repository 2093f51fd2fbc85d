"""How allauth's second factors live in this house: secrets sealed, names and addresses from settings."""

import base64
from urllib.parse import urlsplit

from allauth.mfa.adapter import DefaultMFAAdapter
from django.conf import settings
from django.contrib.auth.base_user import AbstractBaseUser

from licheng.foundations.privacy import seal, unseal

PLACE = "mfa_authenticator.data"


def passkey_host() -> str | None:
    """The host name that passkeys are bound to (RP id), or None where browsers allow none: at an IP address.

    Source: W3C Web Authentication Level 3 §5.1.2, the RP id is a domain.
    """
    host = urlsplit(settings.PUBLIC_URL).hostname or ""
    return None if ":" in host or host.replace(".", "").isdigit() else host or None


class Adapter(DefaultMFAAdapter):  # type: ignore[misc]  # the library has no types
    """Secrets stand in the database sealed, like ID numbers; the key stands elsewhere."""

    def encrypt(self, text: str) -> str:
        """Seal a secret of a factor for its column."""
        return base64.b64encode(seal(text, place=PLACE)).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Open a sealed secret; raises InvalidTag when it was changed."""
        return unseal(base64.b64decode(encrypted_text), place=PLACE)

    def get_totp_issuer(self) -> str:
        """What the authenticator app shows beside the code."""
        return f"Licheng {urlsplit(settings.PUBLIC_URL).hostname}"

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """Who asks for a passkey: the host of the site's public address, never what a request claims."""
        host = passkey_host()
        if host is None:
            raise ValueError("no passkeys at this address")
        return {"id": host, "name": f"Licheng {host}"}

    def get_public_key_credential_user_entity(self, user: AbstractBaseUser) -> dict[str, object]:
        """Whose passkey it is: as allauth does, named by the account and nothing else about the person."""
        entity: dict[str, object] = super().get_public_key_credential_user_entity(user)
        return entity | {"display_name": user.get_username()}
