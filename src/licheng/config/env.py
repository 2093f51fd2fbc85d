"""Settings read from the environment: strict, with `NAME_FILE` for secrets, and one clear error."""

import os
from pathlib import Path
from urllib.parse import unquote, urlsplit


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


def choice(name: str, allowed: tuple[str, ...], default: str | None = None) -> str:
    """One of the allowed words."""
    value = text(name, default)
    if value not in allowed:
        raise SettingError(f"{name} must be one of {', '.join(allowed)}, not {value!r}.")
    return value


def words(name: str, default: str) -> list[str]:
    """A comma-separated list."""
    return [word.strip() for word in text(name, default).split(",") if word.strip()]


MAIL_SECONDS = 15  # how long a mail server may take to answer


def mailer(url: str, folder: Path) -> dict[str, object]:
    """A mail server as Django wants it: `smtps://` is TLS from the start, `smtp://` is STARTTLS.

    Without a server letters are files in the folder. `smtp+plain://` sends without TLS, to this machine only.
    Raises SettingError for anything else.
    """
    if not url:
        backend = "django.core.mail.backends.filebased.EmailBackend"
        return {"BACKEND": backend, "OPTIONS": {"file_path": str(folder)}}
    parts = urlsplit(url)
    is_local = parts.hostname in {"127.0.0.1", "::1", "localhost"}
    if parts.scheme not in {"smtp", "smtps", "smtp+plain"} or not parts.hostname:
        raise SettingError("LICHENG_MAIL must look like smtps://user:password@host:465.")
    if parts.scheme == "smtp+plain" and not is_local:
        raise SettingError("LICHENG_MAIL may go without TLS to this machine only; use smtp:// or smtps://.")
    options: dict[str, object] = {"host": parts.hostname, "timeout": MAIL_SECONDS}
    options |= {"username": unquote(parts.username or ""), "password": unquote(parts.password or "")}
    options |= {"use_tls": parts.scheme == "smtp", "use_ssl": parts.scheme == "smtps"}
    options["port"] = parts.port or {"smtps": 465, "smtp": 587, "smtp+plain": 25}[parts.scheme]
    return {"BACKEND": "django.core.mail.backends.smtp.EmailBackend", "OPTIONS": options}
