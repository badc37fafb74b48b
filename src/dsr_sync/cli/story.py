"""The rows of the demo: who asks for what, what staff do, and where each must end."""

from collections.abc import Mapping
from dataclasses import dataclass, field

AUTHENTICATED: Mapping[str, object] = {"Authenticated": True}


@dataclass(frozen=True, slots=True)
class Scene:
    """One row of the demo.

    `cells` is what staff put into the row. `expected` is the Status it must end with, empty for a row that must never
    be touched. `then` is what staff do once the row has reached `after`: cells to change, or `follow_up` to set every
    follow-up of the row to Done. `later`: the row is added after the others, and must share what was sent for the
    earlier one of its person. `extends`: staff extend the time to answer, and the row must end with that date.
    `by_hand`: nobody sees to the system outside Segment before `after`; for all other rows somebody does so at once.
    """

    tells: str
    cells: Mapping[str, object]
    expected: str
    after: str = ""
    then: Mapping[str, object] = field(default_factory=dict)
    follow_up: bool = False
    later: bool = False
    extends: bool = False
    by_hand: bool = False


KNOWN_EMAIL = "Ann.Example@example.com"
KNOWN_USER_IDS = ("usr_1007", "usr_1008")
FAILING_SUBJECT = "usr_3001"
UNSUPPORTED_SUBJECT = "usr_3002"
FOLLOWED_UP_SUBJECT = "usr_3003"
SLOW_SUBJECT = "usr_3004"
REFUSED_BY_SEGMENT = "usr_3005"

BY_HAND = "Old CRM"
INSTRUCTIONS = "Delete the contact and its notes."
EXTENDED_DAYS = 60
"""Later than any date that the law gives at first, and no later than it allows."""

STORY: tuple[Scene, ...] = (
    Scene(
        "its answer is lost on the way; it is found in Segment's list and not sent twice",
        {"User identifier": "usr_1000", **AUTHENTICATED},
        "Completed",
    ),
    Scene("a deletion from start to end", {"User identifier": "usr_1001", "Law": "GDPR", **AUTHENTICATED}, "Completed"),
    Scene("not authenticated: never touched", {"User identifier": "usr_1002"}, ""),
    Scene(
        "held, then let go",
        {"User identifier": "usr_1003", "Hold": True, **AUTHENTICATED},
        "Completed",
        after="On hold",
        then={"Hold": None},
    ),
    Scene("held for good", {"User identifier": "usr_1004", "Hold": True, **AUTHENTICATED}, "On hold"),
    Scene(
        "an identifier with a character nobody sees",
        {"User identifier": "usr_\u200b1005", **AUTHENTICATED},
        "Needs attention",
    ),
    Scene("a word that stands for everybody", {"User identifier": "null", **AUTHENTICATED}, "Needs attention"),
    Scene(
        "an e-mail address that Segment knows: both user ids go into one regulation",
        {"User identifier": KNOWN_EMAIL, **AUTHENTICATED},
        "Completed",
    ),
    Scene(
        "an e-mail address that Segment does not know",
        {"User identifier": "nobody@example.com", **AUTHENTICATED},
        "Needs attention",
    ),
    Scene(
        "the same person again: it shares what was sent",
        {"User identifier": "usr_1001", **AUTHENTICATED},
        "Completed",
        later=True,
    ),
    Scene(
        "a suppression",
        {"User identifier": "usr_2001", "Request type": "Suppress", "Law": "CCPA", **AUTHENTICATED},
        "Completed",
    ),
    Scene("a destination fails", {"User identifier": FAILING_SUBJECT, **AUTHENTICATED}, "Follow-up needed"),
    Scene("a destination cannot delete", {"User identifier": UNSUPPORTED_SUBJECT, **AUTHENTICATED}, "Follow-up needed"),
    Scene(
        "one that cannot delete, and staff who saw to it",
        {"User identifier": FOLLOWED_UP_SUBJECT, **AUTHENTICATED},
        "Completed",
        after="Follow-up needed",
        follow_up=True,
    ),
    Scene(
        "Submitted unticked by hand once it was sent: put back, and nothing is sent again",
        {"User identifier": "usr_3008", **AUTHENTICATED},
        "Completed",
        after="Completed",
        then={"Submitted": None},
    ),
    Scene(
        "a copy of a sent row, its tick included, and Retry ticked: nothing is sent, and it says so",
        {"User identifier": "usr_3009", "Submitted": True, "Retry": True, **AUTHENTICATED},
        "Needs attention",
    ),
    Scene("a slow destination", {"User identifier": SLOW_SUBJECT, **AUTHENTICATED}, "Completed"),
    Scene(
        "a system outside Segment that staff tell by hand",
        {"User identifier": "usr_3006", **AUTHENTICATED},
        "Completed",
        after="Follow-up needed",
        follow_up=True,
        by_hand=True,
    ),
    Scene(
        "more time to answer, within the law",
        {"User identifier": "usr_3007", "Law": "GDPR", "Hold": True, **AUTHENTICATED},
        "On hold",
        after="On hold",
        then={"Extension reason": "Four systems have to be searched."},
        extends=True,
    ),
    Scene(
        "Segment fails, and staff tick Retry",
        {"User identifier": REFUSED_BY_SEGMENT, **AUTHENTICATED},
        "Completed",
        after="Failed",
        then={"Retry": True},
    ),
)
