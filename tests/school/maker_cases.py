"""Calling makers the way the sandbox does: everything that goes in and out is JSON."""

import json

DOCUMENT = ["application/pdf", "image/jpeg", "image/png"]
MEDIA = ["audio/mpeg", "video/mp4"]
KB = 1024


def fit(maker, source, home, limit, quality="high", *, allowed=DOCUMENT):
    """Call a maker as the sandbox does: everything that goes in and out is JSON."""
    asked = {"source": str(source), "folder": str(home), "limit_bytes": limit, "quality": quality}
    return json.loads(json.dumps(maker.fit(**asked, allowed=list(allowed))))


def result(home, answer):
    path = home / answer["file"]
    assert path.stat().st_size == answer["bytes"]
    return path
