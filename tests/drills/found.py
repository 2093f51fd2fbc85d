"""What a drill found, and whether that is good enough."""

from dataclasses import asdict, dataclass, field


class DrillFailed(AssertionError):
    """Something that must hold did not; the message says what."""


@dataclass
class Found:
    """The figures of one drill.

    `acked` were acknowledged, `lost` of them are gone or changed, `unknown` were in flight when the fault came.
    `control_lost` is what the wrong way of doing it lost in the same run, `control` says which wrong way.
    """

    acked: int
    lost: int
    control_lost: int
    control: str
    unknown: int = 0
    figures: dict[str, int | float | str] = field(default_factory=dict)

    def complaints(self):
        """Why this is not a pass; empty when it is."""
        said = []
        if self.lost:
            said.append(f"{self.lost} of {self.acked} acknowledged were lost")
        if self.acked <= 0:
            said.append("nothing was acknowledged, so nothing was tried")
        if self.control_lost <= 0:
            said.append(f"the control did not fail: {self.control}")
        return said

    def as_row(self):
        """For summary.json."""
        return asdict(self)


def must(held, says):
    """Raise DrillFailed unless it holds."""
    if not held:
        raise DrillFailed(says)
