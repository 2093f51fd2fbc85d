"""Settings read from the environment: strict, with `NAME_FILE` for secrets, and one clear error."""

import os
from pathlib import Path


class SettingError(RuntimeError):
    """A setting is missing or unreadable; the message names it and says what it should be."""


def text(name: str, default: str | None = None) -> str:
    """The value of NAME, or the content of the file that NAME_FILE names.

    Raises SettingError when neither is set and there is no default.
    """
    if value := os.environ.get(name):
        return value
    if file_name := os.environ.get(f"{name}_FILE"):
        return Path(file_name).read_text(encoding="utf-8").strip()
    if default is None:
        raise SettingError(f"Set {name} (or {name}_FILE): it has no default. See docs/settings.md.")
    return default


def flag(name: str, *, default: bool) -> bool:
    """`1` or `0`; anything else is an error rather than a guess."""
    value = text(name, "1" if default else "0")
    if value not in {"0", "1"}:
        raise SettingError(f"{name} must be 0 or 1, not {value!r}.")
    return value == "1"


def number(name: str, default: int) -> int:
    """A whole number."""
    value = text(name, str(default))
    if not value.isdecimal():
        raise SettingError(f"{name} must be a whole number, not {value!r}.")
    return int(value)


def choice(name: str, allowed: tuple[str, ...]) -> str:
    """One of the allowed words."""
    value = text(name)
    if value not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]
