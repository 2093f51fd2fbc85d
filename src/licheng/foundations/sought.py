"""What people type to look for something."""


def sought(text: str, most: int) -> str:
    """The words without blanks around them, no longer than this, without what no column of text can hold."""
    return text.replace("\0", "").strip()[:most]
