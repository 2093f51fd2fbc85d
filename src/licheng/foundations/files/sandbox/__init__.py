"""Where programs that read strangers' bytes run: one short-lived process per call, fenced in by the kernel.

Nouns: call, limits, zygote (a small program, kept warm and forked once per call), fence. Whoever
parses what somebody sent goes through `call`; what comes back is JSON and is believed no more than the file.
"""

from licheng.foundations.files.sandbox.calling import call, protection
from licheng.foundations.files.sandbox.limits import JSON, Limits, SandboxFailed
from licheng.foundations.files.sandbox.results import is_ordinary, made_file

__all__ = ["JSON", "Limits", "SandboxFailed", "call", "is_ordinary", "made_file", "protection"]
