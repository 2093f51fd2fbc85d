"""What a call left in its folder: files, or whatever a parser that was taken over put there instead."""

import stat
from pathlib import Path


def made_file(folder: Path, name: str) -> Path:
    """The file that the sandbox says it left in a folder.

    Raises ValueError for anything but an ordinary file right there: a link would lead to whatever it names.
    """
    path = folder / name
    if Path(name).name != name or not path.exists(follow_symlinks=False) or not is_ordinary(path):
        raise ValueError(f"the sandbox left something else than a file: {name[:100]!r}")
    return path


def is_ordinary(path: Path) -> bool:
    """Whether a name stands for a file of its own, and no link shares it."""
    facts = path.lstat()
    return stat.S_ISREG(facts.st_mode) and facts.st_nlink == 1
