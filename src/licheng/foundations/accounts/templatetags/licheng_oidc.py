"""Whether pages offer the other way in."""

from django.template import Library

from licheng.foundations.accounts.oidc import speaking

register = Library()


@register.simple_tag
def has_issuer() -> bool:
    """Whether this site is known to an issuer; decided by settings alone."""
    return speaking.has_issuer()
