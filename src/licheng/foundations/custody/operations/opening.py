"""Writing down which volumes the copies stand on, once the guard has found that they may be opened."""

from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from licheng.foundations.audit.operations import record
from licheng.foundations.authz import Actor
from licheng.foundations.custody.models import Volume
from licheng.foundations.custody.volumes import VolumeIdentity


@transaction.atomic
def note_volumes(*, actor: Actor, volumes: Mapping[str, VolumeIdentity]) -> None:
    """Remember the state in which each copy was opened; the last of the three that are written."""
    for name, identity in sorted(volumes.items()):
        state = {"uuid": identity.uuid, "epoch": identity.epoch, "opened_at": timezone.now()}
        volume, _made = Volume.objects.update_or_create(copy=name, defaults=state)
        record(actor=actor, action="volume.opened", subject=volume, copy=name, epoch=identity.epoch)


@transaction.atomic
def adopt_volume(*, actor: Actor, copy: str, identity: VolumeIdentity) -> None:
    """Remember that a person declared this volume to be the copy from now on."""
    state = {"uuid": identity.uuid, "epoch": identity.epoch, "opened_at": timezone.now()}
    volume, _made = Volume.objects.update_or_create(copy=copy, defaults=state)
    record(actor=actor, action="volume.adopted", subject=volume, copy=copy, uuid=str(identity.uuid))
