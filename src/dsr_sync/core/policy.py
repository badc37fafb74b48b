"""What the operator chose, as far as the decisions need it."""

from dataclasses import dataclass, field
from datetime import timedelta
from enum import StrEnum

from dsr_sync.core.model import RequestType

MAX_IDENTIFIER_CHARACTERS = 256
"""Longer than any user id in use; a longer text is a mistake of the form (our rule, not Segment's)."""

MAX_USER_IDS = 20
"""More user ids behind one e-mail address than this are a shared mailbox, not a person (our rule)."""

FRESHNESS = timedelta(seconds=30)
"""A row is submitted only if it was read at most this long before (promise 1)."""

PROVABLE = timedelta(days=89)
"""Segment forgets after 90 days (Public API, list regulations); one day is kept as a margin."""

FORGOTTEN = timedelta(days=90)
"""From this age on, a regulation that Segment does not find has been forgotten and was not lost."""

LONGEST_ASKED = timedelta(hours=1)
"""However long a service asks to be left alone, it is asked again after this time."""

CLOCK_GRACE = timedelta(minutes=5)
"""How far Segment's clock and ours may differ when a regulation is matched by its time."""


SHORTEST_KEY = 16
"""Bytes of the key of the hashes of persons. A shorter one could be found by trying."""


class EmailRule(StrEnum):
    """What to do with an identifier that is an e-mail address."""

    LOOKUP = "lookup"
    REFUSE = "refuse"
    AS_USER_ID = "as_user_id"


PROTECTED = (
    "null", "undefined", "none", "nan", "nil", "0", "-1", "true", "false", "unknown", "anonymous", "anon", "guest",
    "test", "user", "admin", "root", "n/a", "na", "-", "string", "[object object]", "user_id", "userid", "id", "email",
)  # fmt: skip
"""Words that broken code sends as a user id. One regulation on such an id would delete many people's data."""


@dataclass(frozen=True, slots=True)
class ByHand:
    """A system outside Segment that a person has to see to for every deletion: who, and how."""

    name: str
    owner: str
    instructions: str


@dataclass(frozen=True, slots=True)
class Policy:
    """The operator's choices. `regulation_types` maps a request type to the type of regulation that serves it."""

    regulation_types: dict[RequestType, str] = field(
        default_factory=lambda: {
            RequestType.DELETE: "SUPPRESS_WITH_DELETE",
            RequestType.SUPPRESS: "SUPPRESS_ONLY",
            RequestType.UNSUPPRESS: "UNSUPPRESS",
        }
    )
    email: EmailRule = EmailRule.REFUSE
    protected: frozenset[str] = frozenset(PROTECTED)
    cooling_off: timedelta = timedelta(minutes=5)
    max_submissions_per_hour: int = 100
    requests_per_regulation: int = 1
    settle: timedelta = timedelta(seconds=900)
    follow: timedelta = timedelta(seconds=300)
    deadline_margin: timedelta = timedelta(days=3)
    by_hand: tuple[ByHand, ...] = ()
