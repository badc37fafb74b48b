"""The notes of requests that are at work, or that leave something for a person to do."""

from collections.abc import Sequence

from dsr_sync.core.facts import Facts, deed_of
from dsr_sync.core.model import Progress, Receipt
from dsr_sync.core.receipts import SEGMENT_ITSELF, all_receipts, needing_follow_up, one_line

SENT_AGAIN = (
    "The request was sent to Segment once more after this receipt. The newer receipts of its row count; nothing has to "
    "be done about this one."
)
"""What to do about a receipt whose follow-up was not done before its request was sent again."""

_MEND = "Where What to do names Retry, you may instead have the cause mended and tick Retry."

_NAMES_IN_A_NOTE = 3
_NAME_CHARACTERS = 24


def accepted(facts: Facts) -> str:
    """Segment has accepted it; what a person has to tell by hand can be told meanwhile."""
    return (
        f"Segment accepted the {deed_of(facts)} and has put it in line. It usually takes days, at times a month. "
        f"{_meanwhile(facts)} It can no longer be taken back."
    )


def running(facts: Facts) -> str:
    """Segment is at work on it."""
    return f"Segment is working on the {deed_of(facts)}. It usually takes days, at times a month. {_meanwhile(facts)}"


def follow_up(facts: Facts) -> str:
    """Segment is done, and a person has to see to the rest."""
    left = _left(facts)
    segments = [receipt for receipt in left if not receipt.by_hand]
    by_hand = [receipt for receipt in left if receipt.by_hand]
    most = _NAMES_IN_A_NOTE - bool(by_hand) - facts.joined  # each of the two makes the note longer
    what = f"Segment is done, except for {_names(segments, most)}." if segments or not by_hand else "Segment is done."
    if by_hand:
        what += f" {_names(by_hand, 1)} must be told by hand."
    # There is not always room for it besides the other two, and each receipt says it once more.
    mend = f" {_MEND}" if any(map(_can_be_mended, segments)) and not (by_hand or facts.joined) else ""
    return (
        f"{what} For each, do what {_where(facts)} say under What to do, then set Follow-up to Done. "
        f"All Done completes this row.{mend}"
    )


def followed_up(facts: Facts) -> str:
    """Segment and staff are done."""
    left = _left(facts)
    named = f" ({_names(left)})" if left else ""
    return (
        f"Done. Segment finished its part of the {deed_of(facts)}, and every follow-up{named} was set to Done by your "
        "team: nothing is owed to anyone any more. You can now tell the person that it is done."
    )


def _meanwhile(facts: Facts) -> str:
    by_hand = [receipt for receipt in _left(facts) if receipt.by_hand]
    if not by_hand:
        return "This row is kept up to date; you need do nothing."
    return f"Meanwhile see to each Follow-up in {_where(facts)}: {_names(by_hand, 1)} must be told by hand."


def _left(facts: Facts) -> tuple[Receipt, ...]:
    return needing_follow_up(all_receipts(facts.submission)) if facts.submission else ()


def _can_be_mended(receipt: Receipt) -> bool:
    """Whether sending it again can come to more. What Segment cannot do at all, it cannot do the second time."""
    return receipt.progress is not Progress.NOT_SUPPORTED and receipt.destination != SEGMENT_ITSELF


def _where(facts: Facts) -> str:
    return "the earlier row's receipts" if facts.joined else "this row's receipts"


def _names(receipts: Sequence[Receipt], most: int = _NAMES_IN_A_NOTE) -> str:
    names = [_name(receipt) for receipt in receipts[:most]]
    if len(receipts) > len(names):
        names.append(f"{len(receipts) - len(names)} more")
    if len(names) < 2:  # noqa: PLR2004 - one name needs no "and"
        return names[0] if names else "a destination"
    return f"{', '.join(names[:-1])} and {names[-1]}"


def _name(receipt: Receipt) -> str:
    if receipt.destination == SEGMENT_ITSELF:
        return "a part of its own work"
    name = one_line(receipt.destination)
    return name if len(name) <= _NAME_CHARACTERS else name[: _NAME_CHARACTERS - 1] + "…"
