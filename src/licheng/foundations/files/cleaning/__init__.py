"""The version for readers: the same pages, picture, sound or film without what runs, hides or gives away.

Knows nothing of Django: it runs inside the sandbox, on one file at a time. The original is never touched.
"""

from pathlib import Path

from licheng.foundations.files.cleaning import documents, images, media
from licheng.foundations.files.names import CLEANED_NAME

CLEANERS = {
    "application/pdf": documents.clean_pdf,
    "image/jpeg": images.clean_jpeg,
    "image/png": images.clean_png,
    "audio/mpeg": media.clean_mp3,
    "video/mp4": media.clean_mp4,
}


def clean(source: str, folder: str, media_type: str) -> str:
    """Write the version for readers into `folder`; its name there.

    Raises ValueError (or what the parser raises) when the file cannot be written anew.
    """
    CLEANERS[media_type](Path(source), Path(folder) / CLEANED_NAME)
    return CLEANED_NAME
