"""The notes that staff read in the base: one for each reason.

Plain English, no identifiers, no words that only the makers know. A note says what happened, what happens next and
what the reader can do. It names times that do not move ("at 14:05 UTC", never "in 4 minutes"), so that a note is
written once and not at every tick.
"""

from collections.abc import Callable
from typing import assert_never

from dsr_sync.core.actions import Why
from dsr_sync.core.facts import Facts, day, deed_of, kind_of, moment
from dsr_sync.core.follow_up_notes import accepted, follow_up, followed_up, running
from dsr_sync.core.model import Outcome, RequestType, Verdict

DUPLICATE = "An earlier row asks the same for this person; both share one result."
"""Comes before the note of a row that shares another row's regulation."""

CHANGED = "User identifier or Request type was changed after this row was sent."
"""Begins the note of a row that names another person, or another type, than what was sent for it."""

BY_HAND = "Nothing was sent to Segment for this row, as far as dsr-sync knows:"
"""Begins the note of a row that says it was sent, and was not: it was ticked by hand, or copied."""

NOT_AGAIN = "Nothing was sent again:"
"""Begins the note of such a row if what it says now cannot be sent."""

NOT_YET_AGAIN = "Not sent again"
"""Begins the note of a row whose Retry waits, or was not obeyed for a reason that does not lie in the row."""

_OLD_VALUE = "the old value back (the row's history in Airtable shows it)"


def _sent_on(facts: Facts) -> str:
    return day(facts.submission.intended_at) if facts.submission else "an earlier day"


def _repeats(facts: Facts) -> bool:
    """Whether something was sent before: then the row waits for its Retry, and "not sent" alone would be untrue."""
    return facts.submission is not None and facts.submission.outcome in (Outcome.ACCEPTED, Outcome.UNPROVABLE)


def _not_sent(facts: Facts) -> str:
    return NOT_YET_AGAIN if _repeats(facts) or _to_be_repeated(facts) else "Not sent"


def _to_be_repeated(facts: Facts) -> bool:
    """Whether a Retry was tried and came to nothing: it is tried again without a further tick."""
    return facts.entry is not None and facts.entry.repeats is not None


def _fixed(text: str) -> Callable[[Facts], str]:
    return lambda _: text


def _amiss(what: str, remedy: str) -> Callable[[Facts], str]:
    """The note for a row that cannot be sent as it stands. After a Retry, only a further Retry sends it."""

    def text(facts: Facts) -> str:
        if _repeats(facts):
            return f"{NOT_AGAIN} {what} {remedy}, then tick Retry once more."
        return f"Nothing was sent: {what} {remedy}; the row then goes on by itself."

    return text


def _identifier(what: str) -> Callable[[Facts], str]:
    return _amiss(what, "Write this person's user id, as your product knows it, into User identifier")


def _nobody(facts: Facts) -> str:
    """The note for an address that nobody has; perhaps there is indeed nothing to send."""
    text = _amiss(
        "Segment knows nobody by this e-mail address; after a deletion it no longer does.",
        "Check the spelling and other addresses, or write the user id, as your product knows it, into User identifier",
    )(facts)
    if _repeats(facts):
        return text
    return f"{text} If there is no user id, nothing has to be sent: untick Authenticated and answer the person."


def _held(facts: Facts) -> str:
    if _repeats(facts):
        return "Not sent again, because Hold is ticked. Untick Hold when it may be sent, or untick Retry to leave it."
    return f"{_not_sent(facts)}, because Hold is ticked. Untick Hold when it may be sent; nothing else is needed."


def _completed(facts: Facts) -> str:
    told = "You can now tell the person that it is done."
    kind = kind_of(facts)
    match kind:
        case RequestType.SUPPRESS:
            return f"Done. Segment reports that it blocks new data about this person; earlier data was kept. {told}"
        case RequestType.UNSUPPRESS:
            return f"Done. Segment reports that it accepts new data about this person again. {told}"
        case RequestType.DELETE | None:
            return f"Done. Segment reports that it deleted this person's data from its own stores{_passed_on(facts)}"
    assert_never(kind)


def _passed_on(facts: Facts) -> str:
    told = "You can now tell the person."
    if facts.submission is None or not facts.submission.receipts:
        return f"; it named no destination that it passed the deletion on to. {told}"
    return (
        " and passed the deletion on to every destination in Receipt summary. Passed on means told, not confirmed: "
        f"ask a vendor if you need its own word. {told}"
    )


def _unprovable(facts: Facts) -> str:
    """The note for what a person has to look for; of a row that shares it in fewer words, to leave room."""
    sent = f"A {deed_of(facts)} was sent on {_sent_on(facts)}, and Segment never confirmed it"
    look = "Ask the people who run dsr-sync to look in Segment. If it is not there, tick Retry to send it again."
    told = "it was made, and you can tell the person."
    if facts.joined:
        return f"{sent}. {look} If it is, do not tick Retry: {told}"
    late = "it is too late to find out automatically"
    return f"{sent}; {late}. {look} If it is, do not tick Retry: {told} This row stays as it is."


def _changed_afterwards(facts: Facts) -> str:
    failed = facts.entry is not None and facts.entry.verdict is Verdict.FAILED
    then = (
        f"To send what the row says now, tick Retry. Otherwise put {_OLD_VALUE}."
        if failed
        else f"Put {_OLD_VALUE}, and add a new row for the other request."
    )
    return (
        f"{CHANGED} The {deed_of(facts)} of "
        f"{_sent_on(facts)} {'failed; it was' if failed else 'was'} for what the row said then; changing the row "
        f"sends nothing. {then}"
    )


NOTES: dict[Why, Callable[[Facts], str]] = {
    Why.NOT_AUTHENTICATED: _fixed(""),
    Why.IDENTIFIER_EMPTY: _identifier("User identifier is empty."),
    Why.IDENTIFIER_TOO_LONG: _identifier("User identifier is longer than 256 characters, which no user id is."),
    Why.IDENTIFIER_CONTROL_CHARACTER: _identifier(
        "User identifier holds characters that cannot be seen (they often come along when text is copied)."
    ),
    Why.IDENTIFIER_PROTECTED: _identifier(
        "User identifier is a word that stands for many people or for nobody, and sending it could delete the wrong "
        "data."
    ),
    Why.IDENTIFIER_EMAIL: _identifier(
        "User identifier is an e-mail address, and Segment deletes by user id only: it would accept the address and "
        "delete nothing."
    ),
    Why.IDENTIFIER_EMAIL_AND_MORE: _amiss(
        "User identifier holds an e-mail address and something else.",
        "Write this person's address alone, or the user id, as your product knows it",
    ),
    Why.EMAIL_NO_PROFILE: _nobody,
    Why.EMAIL_NO_USER_ID: _identifier(
        "Segment knows this e-mail address, but no user id that belongs to it; it deletes by user id only."
    ),
    Why.EMAIL_DOUBT: _identifier(
        "this e-mail address leads to user ids that cannot all be one person's (a shared mailbox, or test data). Find "
        "out which one asked."
    ),
    Why.EMAIL_PERHAPS_SENT: lambda facts: (
        f"Perhaps sent already: Segment knows nobody by this e-mail address now, and has received a {deed_of(facts)} "
        "since this row was made that belongs to no row. Write this person's user id, as your product knows it, into "
        "User identifier: if it was for this person, this row takes it over, and nothing is sent twice."
    ),
    Why.RETRY_ELSEWHERE: _fixed(
        f"{NOT_YET_AGAIN}: this row shares the result of an earlier row, which names the same person in another "
        "way, and more was sent for that row than this one says. Find the earlier row (it has the same Regulation ID, "
        "if any) and tick Retry there; this row follows."
    ),
    Why.RETRY_REFUSED: lambda facts: (
        f"{NOT_YET_AGAIN}: Segment refused to take this {deed_of(facts)} once more. What this row shows is what "
        f"came of the {deed_of(facts)} of {_sent_on(facts)}. Tell the people who run dsr-sync; when they have found "
        "the cause, tick Retry."
    ),
    Why.REQUEST_TYPE_UNKNOWN: _amiss(
        "Request type has an option that is not known here.",
        "Choose Delete, Suppress or Unsuppress (empty means Delete)",
    ),
    Why.TICKED_BY_HAND: _fixed(
        f"{BY_HAND} Submitted was ticked by hand or by an earlier tool, or the row was copied from another. If it "
        "still has to be sent, untick Submitted. If it was sent by other means, leave it as it is. If it is a copy, "
        "delete it."
    ),
    Why.REFUSED: lambda facts: (
        f"Segment refused this {deed_of(facts)}, so nothing was done. Most often the user identifier is not one that "
        "Segment can accept: correct it, and the row goes on by itself. If it is right, tell the people who run "
        "dsr-sync, then tick Retry."
    ),
    Why.UNPROVABLE: _unprovable,
    Why.LOST: lambda facts: (
        f"Segment keeps its records for 90 days and no longer knows this {deed_of(facts)}, sent on {_sent_on(facts)}; "
        "it had not ended when last seen. This row shows what was last known. Tick Retry to send it again."
    ),
    Why.HELD: _held,
    Why.COOLING_OFF: lambda facts: (
        f"Will be sent to Segment after {moment(facts.until)}, if Authenticated is still ticked and Hold is not. Once "
        "sent, it cannot be taken back: to stop it, tick Hold or untick Authenticated before then."
    ),
    Why.BRAKE: lambda facts: (
        f"{_not_sent(facts)} yet: so many requests came at once that the hourly limit was reached, which guards "
        f"against mistakes. This one follows by itself after {moment(facts.until)}. Tick Hold if it should not."
    ),
    Why.QUOTA: lambda facts: (
        f"{_not_sent(facts)} yet: this month's number of requests at Segment is used up. This one follows by itself "
        f"after {moment(facts.until)}; you need do nothing."
    ),
    Why.PAUSED: lambda facts: (
        f"{_not_sent(facts)} yet: Segment cannot take requests just now. This one is tried again by itself"
        f"{f' after {moment(facts.until)}' if facts.until else ' as soon as it can'}; you need do nothing."
    ),
    Why.EMAIL_UNAVAILABLE: lambda facts: (
        f"{_not_sent(facts)} yet: the user id behind this e-mail address cannot be looked up in Segment just now. This "
        "row is tried again by itself; you need do nothing. If you know the user id, write it in the address's place."
    ),
    Why.OVERLAP: lambda facts: (
        f"{_not_sent(facts)} yet: a request that serves one of this person's user ids is under way. This one follows "
        "by itself when that has completed; you need do nothing."
    ),
    Why.UNDONE: lambda facts: (
        f"{_not_sent(facts)} yet: the same was sent for an earlier row of this person, and the opposite asked for "
        "since. This one follows by itself once that earlier row has completed. You need do nothing, unless that row "
        "says Follow-up needed: see to it first."
    ),
    Why.LOOKUP: _fixed("Next in line: the user id behind this e-mail address is being looked up. You need do nothing."),
    Why.UNCONFIRMED: lambda facts: (
        f"The {deed_of(facts)} was sent to Segment, but the answer did not arrive. It is being looked up in Segment, "
        "so that it is neither lost nor sent twice. This takes a while and happens by itself; you need do nothing."
    ),
    Why.UNCONFIRMED_ELSEWHERE: lambda facts: (
        f"The same {deed_of(facts)} was sent for an earlier row of this person, and Segment's confirmation is awaited. "
        "Both rows will share one result; you need do nothing."
    ),
    Why.NOTHING_THERE: lambda facts: (
        f"The {deed_of(facts)} that was last sent for this row did not get into Segment. While Authenticated is "
        "ticked, it is sent again by itself and you need do nothing; while it is not, nothing is sent."
    ),
    Why.READY: _fixed("Next in line to be sent to Segment; you need do nothing."),
    Why.JOINED: lambda facts: (
        f"The same {deed_of(facts)} is already under way for an earlier row of this person. Both rows will share "
        "one result; you need do nothing."
    ),
    Why.ACCEPTED: accepted,
    Why.RUNNING: running,
    Why.FOLLOW_UP: follow_up,
    Why.COMPLETED: _completed,
    Why.FOLLOWED_UP: followed_up,
    Why.FAILED: lambda facts: (
        f"Segment could not carry out this {deed_of(facts)}, and nothing more will happen by itself. Tick Retry to "
        "send it again. If it fails once more, tell the people who run dsr-sync."
    ),
    Why.CHANGED_AFTERWARDS: _changed_afterwards,
}
"""The words for each reason. Each is total: it also makes sense of facts that are missing."""
