"""The shapes of the documents that travel: item record, manifest, leaf and receipt.

Bounds marked provisional are technical fences against absurd input, not rules of the trade.
"""

from typing import Any

from licheng_exchange._shapes import Constant, Either, Listed, Mapped, Object, Shape, Tagged, Text, Whole

NOTE_CODE_POINTS = 100
"""Longest statement of an item. Source: docs/sources, 內容簡述/成果簡述 of the exchange format."""

LINE = 200  # provisional
ITEMS = 2_000  # provisional, per student
STUDENTS = 20_000  # provisional, per package
FILES = 200_000  # provisional, per package
ITEM_FILES = 100  # provisional; keeps a leaf below the 65,535 bytes of an entry bundle
MAX_SIZE = (1 << 53) - 1
"""Largest whole number that JSON readers agree on. Source: RFC 8785 §3.2.2.3."""

HASH = Text(64, 64, "[0-9a-f]{64}")
MD5 = Text(32, 32, "[0-9a-f]{32}")
UUID = Text(36, 36, "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}")
SCHOOL_CODE = Text(6, 6, "[0-9A-Z]{6}")
LEAF_TIME = Text(20, 20, "[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}Z")
TIME = Text(
    35,
    20,
    r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}(?:\.[0-9]{1,6})?(?:Z|[+-][0-9]{2}:[0-9]{2})",
)
DATE = Text(10, 10, "[0-9]{4}-[0-9]{2}-[0-9]{2}")
NOTHING = Constant((None,))
SIZE = Whole(0, MAX_SIZE)
SHORT = Text(LINE)
MAYBE_SHORT = Either((NOTHING, Text(LINE, 0)))
SCHOOL_YEAR = Whole(90, 300)
SEMESTER = Whole(1, 4)  # 實驗教育 may have four terms
SMALL = Either((NOTHING, Whole(0, 999), Text(20, 0)))
ROSTER_NAME = Text(60, 1, "[0-9A-Za-z_一-鿿-]+")
MEDIA_TYPE = Text(100, 3, "[a-z0-9.+-]+/[a-z0-9.+-]+")
NOTE = Text(NOTE_CODE_POINTS, 0, rule="note-length")

ITEM_FILE = Object(
    {
        "role": Constant(("document", "media", "evidence")),
        "name": Text(255),
        "sha256": HASH,
        "size": SIZE,
        "md5": MD5,
    }
)
_ITEM_FILES = Listed(ITEM_FILE, ITEM_FILES)
_SCALAR = Either((NOTHING, Constant((True, False)), Whole(-MAX_SIZE, MAX_SIZE), Text(2_000, 0)))
_VALUE = Either((Listed(_SCALAR, 100), _SCALAR))

OUTCOME = Object(
    {
        "item": UUID,
        "kind": Constant(("outcome",)),
        "school_year": SCHOOL_YEAR,
        "semester": SEMESTER,
        "course_code": Text(30),
        "course_name": SHORT,
        "credits": SMALL,
        "grade": SMALL,
        "note": NOTE,
        "certified_at": Either((NOTHING, TIME)),
        "certified_by": MAYBE_SHORT,
        "files": _ITEM_FILES,
    },
    optional={"title": SHORT},
)
ACTIVITY = Object(
    {
        "item": UUID,
        "kind": Constant(("activity",)),
        "category": Text(40),
        "category_name": SHORT,
        "school_year": Either((NOTHING, SCHOOL_YEAR)),
        "semester": Either((NOTHING, SEMESTER)),
        "fields": Mapped(_VALUE, 100),
        "note": NOTE,
        "link": Either((NOTHING, Text(2_000, 0))),
        "files": _ITEM_FILES,
    },
    optional={"title": SHORT},
)
RECORD = Tagged("kind", {"outcome": OUTCOME, "activity": ACTIVITY})
SCHOOL = Object({"code": SCHOOL_CODE, "name": SHORT})

STUDENT = Object(
    {
        "no": Text(40),
        "name": SHORT,
        "id_number": Text(40),
        "birth_date": DATE,
        "grade": SMALL,
        "class_name": Text(LINE, 0),
        "seat_no": SMALL,
        "subject_key": HASH,
        "items": Listed(RECORD, ITEMS),
    }
)
COUNTS = ("students", "outcomes", "activities", "files", "bytes")
MANIFEST = Object(
    {
        "v": Constant((1,)),
        "kind": Constant(("licheng-submission",)),
        "package": UUID,
        "school": SCHOOL,
        "school_year": SCHOOL_YEAR,
        "batch": Text(40),
        "created_at": TIME,
        "counts": Object(dict.fromkeys(COUNTS, SIZE)),
        "students": Listed(STUDENT, STUDENTS),
        "rosters": Listed(
            Object({"name": ROSTER_NAME, "sha256": HASH, "size": SIZE, "rows": SIZE}),
            100,
        ),
        "files": Listed(Object({"sha256": HASH, "size": SIZE, "md5": MD5, "type": MEDIA_TYPE}), FILES),
    }
)

LEAF_DEPOSITED = Object(
    {
        "v": Constant((1,)),
        "type": Constant(("deposited",)),
        "item": UUID,
        "record": HASH,
        "files": Listed(Object({"sha256": HASH, "size": SIZE}), ITEM_FILES),
        "school": SCHOOL_CODE,
        "package": UUID,
        "subject": HASH,
        "time": LEAF_TIME,
    }
)
LEAF_STORED = Object(
    {
        "v": Constant((1,)),
        "type": Constant(("stored",)),
        "file": UUID,
        "sha256": HASH,
        "size": SIZE,
        "school": SCHOOL_CODE,
        "subject": HASH,
        "time": LEAF_TIME,
    }
)
LEAF = Tagged("type", {"deposited": LEAF_DEPOSITED, "stored": LEAF_STORED})

RECEIPT = Object(
    {
        "v": Constant((1,)),
        "kind": Constant(("licheng-receipt",)),
        "archive": SHORT,
        "school": SCHOOL,
        "student": Object({"no": Text(40), "name": SHORT}),
        "subject_key": HASH,
        "package": UUID,
        "issued_at": TIME,
        "items": Listed(Object({"record": RECORD, "proof": Text(1 << 20)}), ITEMS, 1),
    }
)
RECEIPT_FILE = Object(
    {"receipt": RECEIPT, "signature": Object({"key": Text(300), "ed25519": Text(88, 88)})},
)

PUBLISHED: dict[str, Shape] = {"manifest": MANIFEST, "leaf": LEAF, "receipt": RECEIPT_FILE}


def published_schema(name: str) -> dict[str, Any]:
    """The JSON Schema of one of the published documents."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "$id": f"urn:licheng:schema:v1:{name}",
        "title": name,
        **PUBLISHED[name].schema(),
    }
