import io
from pathlib import Path

import pytest
from django.conf import settings
from licheng_exchange import parse_keys, verify_tlog_proof

from licheng.foundations.audit.models import AuditEntry
from licheng.foundations.authz import Actor
from licheng.foundations.files.copies import copies
from licheng.foundations.files.errors import FileRefused, FileTooLarge
from licheng.foundations.files.models import StoredFile
from licheng.foundations.files.operations import Receiving, receive_file
from licheng.foundations.ledger.queries import proof_of
from licheng.foundations.ledger.views import keys_text

DATA = Path(__file__).resolve().parents[3] / "shared" / "data"
ACTOR = Actor(1, 1, "person:1")
DOCUMENT = frozenset({"application/pdf", "image/jpeg", "image/png"})

pytestmark = pytest.mark.django_db


def terms(limit=4 * 2**20, allowed=DOCUMENT):
    return Receiving("070406", "document", "ab" * 32, limit, allowed)


def test_receive_file_keeps_two_copies_and_a_receipt_that_verifies():
    data = (DATA / "files/pdf/libreoffice/portfolio_zh_hant.pdf").read_bytes()

    stored = receive_file(actor=ACTOR, stream=io.BytesIO(data), name="作品.pdf", terms=terms())

    assert [copy.path(stored.sha256).read_bytes() == data for copy in copies()] == [True, True]
    assert (stored.pages, stored.size_bytes, stored.entry.index) == (2, len(data), 0)
    head = verify_tlog_proof(proof_of(stored.entry), bytes(stored.entry.leaf), parse_keys(keys_text()))
    assert head.size == 1
    assert AuditEntry.objects.filter(action="file.stored", subject_id=stored.pk).count() == 1
