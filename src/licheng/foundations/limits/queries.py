"""Reading tallies: who asks from where, how often so far."""

import ipaddress

from django.http import HttpRequest
from django.utils import timezone

from licheng.foundations.limits.models import Tally
from licheng.foundations.privacy import blind_index

IPV6_NETWORK = 64  # one household or school holds a /64; single addresses in it cost nothing


def digest_of(action: str, who: str) -> str:
    """The key a tally stands under: 64 hexadecimal digits, meaningless without the site's index key."""
    return blind_index(f"limit/{action}/{who}")


def address_of(request: HttpRequest) -> str:
    """Where a request comes from, an IPv6 address as its /64 network; the proxy in front sets it."""
    given = request.META.get("REMOTE_ADDR", "")
    try:
        address = ipaddress.ip_address(given)
    except ValueError:
        return "unknown"  # a socket without an address: all such requests share one tally
    if isinstance(address, ipaddress.IPv6Address):
        if address.ipv4_mapped:  # a socket for both kinds; all of IPv4 would be one network
            return str(address.ipv4_mapped)
        return str(ipaddress.ip_network(f"{address}/{IPV6_NETWORK}", strict=False).network_address)
    return str(address)


def spent(*, action: str, who: str) -> int:
    """How often the key was counted in its present window, without counting."""
    row = Tally.objects.filter(key=digest_of(action, who), ends_at__gt=timezone.now()).first()
    return row.times if row else 0
