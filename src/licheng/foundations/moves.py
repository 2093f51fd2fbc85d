"""What is possible from where: a state machine is a handful of moves kept as data."""

from dataclasses import dataclass

from django.db.models import TextChoices
from django.utils.functional import Promise

from licheng.foundations.errors import WrongState


@dataclass(frozen=True, slots=True)
class Move:
    """One step: what people call it, the states it starts from and the state it ends in."""

    says: str | Promise
    starts: frozenset[TextChoices]
    ends: TextChoices

    def apply(self, state: str) -> TextChoices:
        """The state after the step.

        Raises WrongState when the step does not start from this state.
        """
        if state not in self.starts:
            raise WrongState(move=self.says, state=type(self.ends)(state).label)
        return self.ends

    def starts_from(self, state: str) -> bool:
        """Whether the step is possible now; decides which buttons a page shows."""
        return state in self.starts
