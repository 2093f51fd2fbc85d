"""The app without a phone and the letter box, against the published values and letters as Django writes them."""

import argparse
import base64
import os

import pytest
import time_machine
from django.core.mail import EmailMessage
from django.core.mail.backends.filebased import EmailBackend

from licheng.embedded import authenticator, codes
from licheng.embedded.authenticator import Authenticator, code_at, email_code

SECRET = base64.b32encode(b"12345678901234567890").decode()


@pytest.mark.parametrize(
    ("seconds", "code"),
    [(59, "287082"), (1111111109, "081804"), (1111111111, "050471"), (2000000000, "279037")],
)
def test_codes_are_those_of_rfc_6238(seconds, code):
    assert code_at(SECRET, seconds) == code


def test_a_code_is_given_once(monkeypatch):
    waited = []
    monkeypatch.setattr(authenticator.time, "sleep", waited.append)
    with time_machine.travel(1_800_000_010, tick=False):
        app = Authenticator(SECRET)

        given = [app.code() for _n in range(3)]

    assert given == [code_at(SECRET, 1_800_000_000 + 30 * step) for step in range(3)]
    assert waited == [20]


def letter(folder, address, code):
    """A letter as a site without mail server writes it."""
    server = EmailBackend(file_path=str(folder))
    text = f"您的確認碼是 {code}，15 分鐘內有效。請回到剛才的網頁輸入。\n"
    server.send_messages([EmailMessage("確認碼", text, "noreply@localhost", [address])])


def test_the_newest_code_of_an_address_is_read(tmp_path):
    for number, (address, code) in enumerate(
        [("a@x.invalid", "111111"), ("a@x.invalid", "222222"), ("b@x.invalid", "333333")]
    ):
        letter(tmp_path, address, code)
        for path in tmp_path.glob("*.log"):
            if path.stat().st_mtime > 1000:
                os.utime(path, (number + 1, number + 1))

    assert (email_code(tmp_path, "a@x.invalid"), email_code(tmp_path, "b@x.invalid")) == ("222222", "333333")


def test_an_address_without_letter_is_said(tmp_path, monkeypatch):
    monkeypatch.setattr(authenticator, "LETTER_SECONDS", 0.01)

    with pytest.raises(LookupError, match=r"c@x\.invalid"):
        email_code(tmp_path, "c@x.invalid")


def test_the_command_prints_the_code_of_now(tmp_path, capsys):
    codes.keep(tmp_path, {"070406:t201": SECRET, "064308:t201": SECRET, "operator": SECRET})

    def asked(account):
        return codes.run(argparse.Namespace(account=account, root=tmp_path))

    with time_machine.travel(59, tick=False):
        found = [asked(account) for account in ("operator", "070406:t201", "t201", "nobody")]

    said = capsys.readouterr()
    assert found == [0, 0, 0, 1]
    assert said.out.count("287082") == 4
    assert "nobody" in said.err
    assert (tmp_path / codes.APPS).stat().st_mode & 0o777 == 0o600
