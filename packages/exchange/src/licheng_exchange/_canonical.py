"""The one byte form of a JSON document, so that two sites compute the same digest."""

import json
from collections.abc import Mapping
from hashlib import sha256
from typing import Any, NoReturn

import rfc8785


class NotCanonical(ValueError):
    """The value or the bytes have no canonical form, or are not in it."""


def canonical(value: Any) -> bytes:
    """The RFC 8785 bytes of a JSON value.

    Raises NotCanonical for floats, whose text form differs between languages, and for what is not JSON.
    Source: RFC 8785 (JSON Canonicalization Scheme).
    """
    try:
        _refuse_floats(value)
        return rfc8785.dumps(value)
    except (rfc8785.CanonicalizationError, RecursionError, UnicodeError) as error:
        raise NotCanonical(str(error)) from error


def digest(value: Any) -> str:
    """The fingerprint two sites compare to know that they hold the same document.

    Units: 64 lower-case hexadecimal digits (256 bits).
    Raises NotCanonical as `canonical` does.

    >>> digest({"b": 1, "a": "學"})[:16]
    '36dd86d62626a30f'
    """
    return sha256(canonical(value)).hexdigest()


def parse_canonical(data: bytes) -> Any:
    """The JSON value of bytes that are exactly its canonical form.

    Raises NotCanonical for any other spelling: spaces, another order, repeated keys, floats, trailing bytes.
    """
    try:
        value = json.loads(data.decode("utf-8"), parse_float=_refuse_number, parse_constant=_refuse_number)
    except (ValueError, RecursionError) as error:
        raise NotCanonical(f"not JSON: {error}") from error
    if canonical(value) != data:
        raise NotCanonical("JSON, but not in the canonical form of RFC 8785")
    return value


def _refuse_number(text: str) -> NoReturn:
    raise NotCanonical(f"floats have no single byte form: {text}")


def _refuse_floats(value: Any) -> None:
    if isinstance(value, float):
        raise NotCanonical("floats have no single byte form")
    if isinstance(value, Mapping):
        for key, part in value.items():
            if not isinstance(key, str):
                raise NotCanonical("keys are text")
            _refuse_floats(part)
    elif isinstance(value, (list, tuple)):
        for part in value:
            _refuse_floats(part)
