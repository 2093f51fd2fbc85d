"""Good files with bytes turned, cut out, doubled and cut off; looked at inside the sandbox, many in one call."""

import random
import resource
import traceback
from pathlib import Path

from licheng.foundations.files.inspection.looking import look

INTERESTING = (
    b"\x00",
    b"\xff",
    b"\x7f",
    b"\xff\xff\xff\xff",
    b"\x00\x00\x00\x00",
    b"\x80\x00\x00\x00",
    b"<<",
    b"PK\x03\x04",
)


def mutated(data: bytes, chance: random.Random) -> bytes:
    """One to eight changes at places of chance; every fourth file is cut off as well."""
    out = bytearray(data)
    for _change in range(chance.randint(1, 8)):
        at = chance.randrange(len(out))
        what = chance.randrange(4)
        if what == 0:
            out[at] ^= 1 << chance.randrange(8)
        elif what == 1:
            value = chance.choice(INTERESTING)
            out[at : at + len(value)] = value
        elif what == 2:
            del out[at : at + chance.randint(1, 40)]
        else:
            out[at:at] = out[at : at + chance.randint(1, 40)]
        out = out or bytearray(b"x")
    return bytes(out[: chance.randrange(1, len(out) + 1)] if chance.randrange(4) == 0 else out)


def look_at_many(source: str, folder: str, name: str, seed: int, count: int) -> dict[str, object]:
    """Look at `count` changed copies; the answers by code, the exceptions, and the most memory in bytes."""
    data, chance = Path(source).read_bytes(), random.Random(seed)
    answers: dict[str, int] = {}
    failures: list[str] = []
    for number in range(count):
        place = Path(folder, "changed")
        place.write_bytes(mutated(data, chance))
        try:
            said = look(str(place), name, None, None)
        except Exception:  # noqa: BLE001 -- whatever a parser raises is what is looked for
            failures.append(f"seed {seed}, copy {number}: {traceback.format_exc()}")
            continue
        for code in [reason["code"] for reason in said["reasons"]] or ["none"]:
            answers[code] = answers.get(code, 0) + 1
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
    return {"answers": answers, "failures": failures[:3], "memory": most}
