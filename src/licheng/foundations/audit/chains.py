"""What the database chained, computed again outside it: `sha256(hash before, fields of the act)`, act by act.

Nothing is kept but the act at hand, so a chain of any length is verified in constant memory.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from typing import Any

from django.db import connection, transaction

BEGINNING = bytes(32)
ROWS_AT_ONCE = 2000
COLUMNS = (
    "e.id, e.at, e.actor_label, e.person_id, e.school_id,"
    " e.action, e.subject_type, e.subject_id, e.data::text"
)
ACTS = f"SELECT {COLUMNS} FROM audit_auditentry e"  # noqa: S608 -- our own constant names
LINKS = f"""
    SELECT l.sequence, l.entry_id, l.hash, {COLUMNS}
    FROM audit_auditlink l LEFT JOIN audit_auditentry e ON e.id = l.entry_id
    WHERE l.chain = %s ORDER BY l.sequence
"""  # noqa: S608 -- as above
CHAINS = "SELECT chain FROM audit_audithead UNION SELECT DISTINCT chain FROM audit_auditlink"
UNCHAINED = """
    SELECT e.id, coalesce(e.school_id, 0) FROM audit_auditentry e
    WHERE NOT EXISTS (SELECT FROM audit_auditlink l WHERE l.entry_id = e.id) ORDER BY e.id LIMIT 1
"""

# What the signed log says of a chain: places in order, each with the hash that stood there.
type Anchored = Callable[[int], Iterator[tuple[int, bytes]]]


type Place = tuple[int, int, int]  # chain, sequence, act


@dataclass(frozen=True, slots=True)
class Wrong:
    """The first thing wrong in a chain: changed, re-ordered, no entry, gap, moved, head, anchor, extra."""

    kind: str
    chain: int
    sequence: int | None
    entry_id: int | None
    says: str


@dataclass(slots=True)
class Verified:
    """What a verification read and found wrong: at most one finding a chain, besides unchained acts."""

    chains: int = 0
    entries: int = 0
    anchors: int = 0
    anchored: dict[int, int] = field(default_factory=dict)
    wrong: list[Wrong] = field(default_factory=list)

    @property
    def is_good(self) -> bool:
        """Whether nothing is wrong."""
        return not self.wrong

    def as_figures(self) -> dict[str, Any]:
        """For JSON."""
        return asdict(self) | {"is_good": self.is_good}


def fields(value: object) -> bytes:
    """A netstring, as `audit_field` of chain.sql makes it."""
    if value is None:
        return b"-"
    data = str(value).encode()
    return b"%d:%s," % (len(data), data)


def hash_of(before: bytes, chain: int, sequence: int, act: tuple[Any, ...]) -> bytes:
    """The hash of an act at its place, from its columns in the order of COLUMNS."""
    entry_id, at, *others = act
    moment = at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ") if isinstance(at, datetime) else at
    parts = (fields(value) for value in (chain, sequence, entry_id, moment, *others))
    return hashlib.sha256(before + b"".join(parts)).digest()


def verify(anchored: Anchored, anchored_chains: Iterable[int] = ()) -> Verified:
    """Compute every chain again as it stood at one moment, and compare it with what the log says of it.

    The log must have been read before: what it knows was committed before that.
    """
    done, is_outermost = Verified(), not connection.in_atomic_block
    with transaction.atomic(), connection.cursor() as cursor:
        if is_outermost:  # else the moment is that of the caller's transaction
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        cursor.execute(CHAINS)
        chains = {chain for (chain,) in cursor.fetchall()} | set(anchored_chains)
        for chain in sorted(chains):
            done.chains += 1
            found = _wrong_in(chain, anchored(chain), done)
            done.wrong += [found] if found else []
        cursor.execute(UNCHAINED)
        row = cursor.fetchone()
    if row:
        says = "an act stands outside its chain"
        done.wrong.append(Wrong("extra", row[1], None, row[0], says))
    return done


def _rows(statement: str, values: list[int]) -> Iterator[tuple[Any, ...]]:
    with connection.chunked_cursor() as cursor:
        cursor.execute(statement, values)
        while rows := cursor.fetchmany(ROWS_AT_ONCE):
            yield from rows


def _wrong_in(chain: int, anchors: Iterator[tuple[int, bytes]], done: Verified) -> Wrong | None:
    """Follow one chain from its beginning to its head."""
    known, place, anchor = BEGINNING, 0, next(anchors, None)
    for sequence, entry_id, stored, *act in _rows(LINKS, [chain]):
        if sequence != place + 1:
            return Wrong("gap", chain, place + 1, None, "links are missing from here on")
        place, before = sequence, known
        known = hash_of(before, chain, place, tuple(act))
        wrong = _wrong_link((chain, place, entry_id), tuple(act), before, bytes(stored))
        if wrong:
            return wrong
        done.entries += 1
        while anchor and anchor[0] == place:
            done.anchors += 1
            done.anchored[chain] = place
            if anchor[1] != known:
                return Wrong(
                    "anchor", chain, place, entry_id, "the signed log holds another hash for this place"
                )
            anchor = next(anchors, None)
    if anchor:
        return Wrong(
            "anchor", chain, anchor[0], None, "the signed log knows more of this chain than there is"
        )
    return _wrong_head(chain, place, known)


def _wrong_link(place: Place, act: tuple[Any, ...], before: bytes, stored: bytes) -> Wrong | None:
    """What is wrong with one link, whose act may be gone, another school's, another link's, or changed."""
    chain, number, _entry = place
    if act[0] is None:
        return Wrong("no entry", *place, "the act of this link is gone")
    if (act[4] or 0) != chain:
        return Wrong("moved", *place, "the act belongs to another school than its chain")
    if hash_of(before, chain, number, act) == stored:
        return None
    for other in _rows(f"{ACTS} WHERE coalesce(e.school_id, 0) = %s", [chain]):
        if hash_of(before, chain, number, other) == stored:
            return Wrong("re-ordered", *place, f"act {other[0]} belongs at this place")
    return Wrong("changed", *place, "the act or its link is not what was committed")


def _wrong_head(chain: int, place: int, known: bytes) -> Wrong | None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT sequence, hash FROM audit_audithead WHERE chain = %s", [chain])
        head = cursor.fetchone()
    if head is None:
        return Wrong("head", chain, place, None, "the chain has no head")
    if (head[0], bytes(head[1])) != (place, known):
        return Wrong(
            "head", chain, place, None, f"the head speaks of place {head[0]}, the chain ends at {place}"
        )
    return None
