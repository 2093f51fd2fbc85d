"""What must not be started: copies that would be lost together, or without anybody knowing."""

import ipaddress
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.core.checks import CheckMessage, Error

from licheng.foundations.custody.volumes import nearest

PROMISED = 2  # what an acknowledgement promises


def copies_stand_apart(**_options: Any) -> Sequence[CheckMessage]:
    """At least two copies, outside the embedded default on different devices, and a witness on none of them.

    Three virtual disks of one machine took 25,210 acknowledged items with them in 2021. A site that takes no
    files has none to lose.
    """
    if not settings.TAKES_FILES:
        return []
    if len(settings.COPY_ROOTS) < PROMISED:
        return [Error("LICHENG_COPIES names fewer than two copies.", id="custody.E001")]
    if settings.EMBEDDED:
        return list(_embedded_problems())
    return list(_production_problems())


def _embedded_problems() -> Iterator[CheckMessage]:
    """A trial on one machine is not what people's names and https promise."""
    if settings.HTTPS:
        hint = "Take LICHENG_EMBEDDED away and put the copies on devices of their own."
        yield Error(
            "LICHENG_EMBEDDED=1 is for a trial: not with an https address.", hint=hint, id="custody.E005"
        )


def _production_problems() -> Iterator[CheckMessage]:
    folders = [place for place in settings.COPY_ROOTS if isinstance(place, Path)]
    agents = [place for place in settings.COPY_ROOTS if not isinstance(place, Path)]
    devices = [_device(root) for root in folders]
    hint = "Put them on different machines, or set LICHENG_EMBEDDED=1 for a trial on one machine."
    if len(set(devices)) < len(devices):
        yield Error("Two copies stand on the same device.", hint=hint, id="custody.E002")
    if len(set(agents)) < len(agents):
        yield Error("Two copies are the same agent.", hint=hint, id="custody.E002")
    if _device(Path(settings.WITNESS_ROOT)) in devices:
        hint = "Set LICHENG_WITNESS to a folder on another device than every copy."
        yield Error("The witness stands on the device of a copy.", hint=hint, id="custody.E003")
    for address in agents:
        yield from _agent_problems(address)


def _agent_problems(address: str) -> Iterator[CheckMessage]:
    """The token of an agent travels with every question."""
    parts = urlsplit(address)
    if parts.scheme == "https" or (parts.scheme == "http" and _is_this_machine(parts.hostname or "")):
        return
    hint = "Give the agent a certificate, or reach it through a tunnel that ends on this machine."
    yield Error(f"The copy agent {address} is not reached by https.", hint=hint, id="custody.E004")


def _is_this_machine(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def _device(root: Path) -> int:
    """The device of a folder, or of the nearest parent that exists."""
    return nearest(root).stat().st_dev
