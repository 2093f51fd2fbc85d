"""Keys and counts that stand in a form or an address."""

DIGITS = 18  # of the largest key there can be
NONE = -1


def number(text: str) -> int:
    """The number, or one that no row has."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= DIGITS else NONE
