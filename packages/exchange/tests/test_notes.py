"""Keys, signed notes and checkpoints."""

from base64 import b64decode, b64encode

import pytest
from hypothesis import given
from hypothesis import strategies as st
from licheng_exchange._notes import (
    Checkpoint,
    NoteError,
    SigningKey,
    VerifyingKey,
    open_checkpoint,
    open_note,
    parse_keys,
    sign_note,
)

# Key and note of the Go package golang.org/x/mod/sumdb/note, which the specification came from.
GO_VKEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n"
)
OLD, NEW = SigningKey.generate("log.example"), SigningKey.generate("log.example")
TEXT = "log.example\n5\n" + b64encode(b"\7" * 32).decode() + "\n"


def test_a_note_of_the_go_package_opens():
    key = VerifyingKey.parse(GO_VKEY)

    opened = open_note(GO_NOTE, [key])

    assert opened.text == GO_NOTE.split("\n\n", maxsplit=1)[0] + "\n"
    assert opened.signers == (key,)
    assert key.to_text() == GO_VKEY


def test_keys_come_back_from_their_texts():
    assert SigningKey.from_text(OLD.to_text()) == OLD
    assert VerifyingKey.parse(OLD.vkey) == OLD.verifying_key
    assert OLD.seed.hex() not in repr(OLD)


def test_during_rotation_either_key_opens_the_note():
    note = sign_note(TEXT, OLD, NEW)

    assert open_note(note, [OLD.verifying_key]).signers == (OLD.verifying_key,)
    assert open_note(note, [NEW.verifying_key]).signers == (NEW.verifying_key,)
    assert open_note(note, [NEW.verifying_key, OLD.verifying_key]).signers == (
        OLD.verifying_key,
        NEW.verifying_key,
    )


def test_a_note_of_unknown_keys_alone_is_refused():
    with pytest.raises(NoteError, match="no known key"):
        open_note(sign_note(TEXT, OLD), [NEW.verifying_key])


def test_a_bad_signature_of_a_known_key_spoils_the_note():
    head, _, line = sign_note(TEXT, OLD, NEW)[:-1].rpartition("\n")
    name, encoded = line.split(" ")[1:]
    raw = bytearray(b64decode(encoded))
    raw[-1] ^= 1
    note = f"{head}\n— {name} {b64encode(raw).decode()}\n"

    assert open_note(note, [OLD.verifying_key]).signers == (OLD.verifying_key,)
    with pytest.raises(NoteError, match="does not fit"):
        open_note(note, [OLD.verifying_key, NEW.verifying_key])


def test_the_text_may_hold_empty_lines():
    text = "one\n\ntwo\n"

    assert open_note(sign_note(text, OLD), [OLD.verifying_key]).text == text


@pytest.mark.parametrize("end", ["\x0b", "\x0c", "\x1c", "\x85", " ", "\r\n"])
def test_other_line_ends_are_not_newlines(end):
    note = sign_note(TEXT, OLD)

    for place in [at for at, letter in enumerate(note) if letter == "\n"]:
        with pytest.raises(NoteError):
            open_note(note[:place] + end + note[place + 1 :], [OLD.verifying_key])


def test_every_changed_letter_of_a_note_is_refused():
    note = sign_note(TEXT, OLD)
    for place in range(len(note)):
        changed = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]
        with pytest.raises(NoteError):
            open_note(changed, [OLD.verifying_key])


def test_every_truncated_note_is_refused():
    note = sign_note(TEXT, OLD)
    for length in range(len(note)):
        with pytest.raises(NoteError):
            open_note(note[:length], [OLD.verifying_key])


@pytest.mark.parametrize("text", ["", "no newline", "a\rb\n", "a\tb\n", "\ud800\n"])
def test_texts_that_no_note_can_have(text):
    with pytest.raises(NoteError):
        sign_note(text, OLD)


def test_a_note_needs_a_key():
    with pytest.raises(NoteError):
        sign_note(TEXT)


@pytest.mark.parametrize("name", ["", "a b", "a+b", "a\u3000b", "a\nb"])
def test_names_that_no_key_can_have(name):
    with pytest.raises(NoteError):
        SigningKey.generate(name)


def test_every_changed_letter_of_a_key_is_refused():
    for text, parse in ((OLD.vkey, VerifyingKey.parse), (OLD.to_text(), SigningKey.from_text)):
        for place in range(len(text)):
            for letter in ("A" if text[place] != "A" else "B", "", text[place] * 2):
                with pytest.raises(NoteError):
                    parse(text[:place] + letter + text[place + 1 :])


def test_a_checkpoint_comes_back():
    checkpoint = Checkpoint("log.example", 5, b"\7" * 32)

    assert checkpoint.to_text() == TEXT
    assert Checkpoint.parse(TEXT) == checkpoint
    assert open_checkpoint(sign_note(TEXT, OLD), [OLD.verifying_key], origin="log.example") == checkpoint


@pytest.mark.parametrize(
    "text",
    [
        TEXT + "extension\n",
        TEXT.replace("\n5\n", "\n05\n"),
        TEXT.replace("\n5\n", "\n+5\n"),
        TEXT.replace("\n5\n", "\n٥\n"),
        TEXT.replace("log.example", ""),
        TEXT[:-1],
        "log.example\n5\nAAAA\n",
    ],
)
def test_other_texts_are_no_checkpoint(text):
    with pytest.raises(NoteError):
        Checkpoint.parse(text)


def test_a_checkpoint_needs_its_own_log_and_the_origin_expected():
    other = SigningKey.generate("other.example")

    with pytest.raises(NoteError, match=r"no known key of log\.example"):
        open_checkpoint(sign_note(TEXT, other), [other.verifying_key])
    with pytest.raises(NoteError, match=r"not to other\.example"):
        open_checkpoint(sign_note(TEXT, OLD), [OLD.verifying_key], origin="other.example")


def test_a_keys_file_is_strict():
    assert parse_keys(f"{OLD.vkey}\n{NEW.vkey}\n") == (OLD.verifying_key, NEW.verifying_key)
    for text in ("", "\n", OLD.vkey, f"{OLD.vkey}\n\n", f"# key\n{OLD.vkey}\n", f"{OLD.vkey}\n{OLD.vkey}\n"):
        with pytest.raises(NoteError):
            parse_keys(text)


@pytest.mark.slow
@given(st.one_of(st.text(), st.text(alphabet="— \n+=AaLog.example0")))
def test_any_text_raises_only_note_errors(text):
    for parse in (VerifyingKey.parse, SigningKey.from_text, Checkpoint.parse, parse_keys):
        with pytest.raises(NoteError):
            parse(text)
    with pytest.raises(NoteError):
        open_note(text, [OLD.verifying_key])
