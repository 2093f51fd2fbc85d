from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from licheng.foundations.authz import Actor, Rule


def made_by(actor: Actor) -> Q:
    """Uploads and preparations of the student or counsellor who asks."""
    return Q(student=actor.person_id)


SEND = Rule("uploads.send", _("只有上傳的本人可以續傳、查看或取消自己的上傳。"), made_by)
PREPARE = Rule("uploads.prepare", _("只有上傳的本人可以縮小、合成、採用自己的檔案。"), made_by)
