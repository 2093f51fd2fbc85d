"""How what is made of a file is called: for the sandbox, which makes it, and for those who give it."""

PAGES_DRAWN = 60  # a PDF of 4 MB can have thousands of pages; the rest is in the download
THUMBNAIL_NAME = "thumb.jpg"
CLEANED_NAME = "clean"


def page_name(number: int) -> str:
    """The file name of a drawn page, from 1."""
    return f"{number}.jpg"
