"""First-level inspection: what a file is by its content, whether it opens whole, what it must not carry on.

Nouns: verdict (accept, sanitise, reject), reason, facts, kind. Nothing is believed that the sender said, and
no library reads a stranger's bytes outside the sandbox. Knows no Django: the command works from any folder.
"""

from licheng.foundations.files.inspection.inspecting import inspect
from licheng.foundations.files.inspection.model import EXTENSIONS, TYPES_OF, Inspected, Kind, Reason, Verdict

__all__ = ["EXTENSIONS", "TYPES_OF", "Inspected", "Kind", "Reason", "Verdict", "inspect"]
