from dataclasses import dataclass
from typing import Literal

type JSON = bool | int | float | str | list["JSON"] | dict[str, "JSON"] | None
type Failure = Literal["timeout", "memory", "crash", "refused"]


@dataclass(frozen=True, slots=True)
class Limits:
    """What one call may use; all are own bounds.

    Units: `memory_bytes` is address space of each process of the call, `cpu_seconds` is of each process,
    `wall_seconds` is of the whole call, `written_bytes` is of each file. `programs`: whether it may start
    others (ffprobe, ffmpeg), which then stand inside the same fence.
    """

    memory_bytes: int = 2**30
    cpu_seconds: int = 20
    wall_seconds: float = 40
    written_bytes: int = 64 * 2**20
    programs: bool = True


class SandboxFailed(Exception):
    """The call brought no answer: too slow, too large, ended by itself, or it could not be fenced in."""

    def __init__(self, reason: Failure, detail: str = "") -> None:
        super().__init__(f"{reason}: {detail}" if detail else reason)
        self.reason: Failure = reason
        self.detail = detail
