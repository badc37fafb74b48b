"""A person's identifier, as a type that cannot slip into a log by accident, and whom an address leads to."""

from dataclasses import dataclass
from enum import StrEnum


class Identifier:
    """A person's identifier, exactly as it will be sent, less the white space around it.

    It is a type of its own so that it cannot slip into a log or an error by accident: neither `repr` nor `str` shows
    it, and since it is no dataclass, neither does `dataclasses.asdict` of what holds it. Only `reveal` does, and only
    the adapters and the checks of its form call that. Equal texts are equal identifiers; it never changes.
    """

    __slots__ = ("_value",)

    def __init__(self, value: str) -> None:
        self._value = value

    @classmethod
    def typed(cls, text: str) -> "Identifier":
        """What staff or the form typed: surrounding white space goes, nothing else changes (ids are opaque)."""
        return cls(text.strip())

    def reveal(self) -> str:
        """The identifier itself, for the request body to Segment, the keyed hash and the checks of its form."""
        return self._value

    def __eq__(self, other: object) -> bool:
        """Whether both are the same text."""
        return isinstance(other, Identifier) and self._value == other._value

    def __hash__(self) -> int:
        """Equal identifiers have equal hashes; Python's own, which is gone with the process."""
        return hash((Identifier, self._value))

    def __str__(self) -> str:
        """Hide the identifier."""
        return "[identifier]"

    def __repr__(self) -> str:
        """Hide the identifier."""
        return "Identifier([identifier])"


class LookedUp(StrEnum):
    """What the look-up of an e-mail address came to."""

    FOUND = "found"
    NO_PROFILE = "no profile"
    NO_USER_ID = "no user id"
    DOUBT = "doubt"
    """More user ids, or other ones, than one person can have: a person must look."""
    PERHAPS_SENT = "perhaps sent"
    """Nobody is there any more, and Segment has a regulation that may have been made for this very request."""
    ELSEWHERE = "elsewhere"
    """What is to be repeated was sent for another row, and for more user ids than this one is known to name."""
    UNAVAILABLE = "unavailable"


@dataclass(frozen=True, slots=True)
class Resolution:
    """The user ids behind an e-mail address: all of them are sent, in one regulation."""

    result: LookedUp
    subjects: tuple[Identifier, ...] = ()
