"""What staff can do about a destination, by its name: a small table of what is known of each, in words.

What a destination needs before Segment can pass a deletion on is from segment-docs (privacy FAQ) and from the code of
the destinations themselves (action-destinations, `onDelete`). Whatever is not in the table gets the general advice.
"""

from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from dsr_sync.core.model import Progress, Receipt, Submission
from dsr_sync.core.policy import ByHand
from dsr_sync.core.receipts import SEGMENT_ITSELF, by_hand_receipt, one_line


@dataclass(frozen=True, slots=True)
class Known:
    """One destination, by the beginning of its name in lower case.

    `needs` is what must be set in Segment before a deletion can be passed on. `beware` is what a deletion that was
    passed on does not do. `told`: Segment is known to pass deletions on to it.
    """

    begins: str
    needs: str = ""
    beware: str = ""
    told: bool = True


KNOWN: tuple[Known, ...] = (
    Known("amplitude", needs="the Secret Key of every Amplitude destination"),
    Known("google analytics 4", told=False),  # stands before its namesake
    Known("google analytics", needs="the Google login in the destination's User Deletion settings"),
    Known("optimizely full stack", needs="the Personal Access Token in the destination's settings"),
    Known(
        "optimizely feature experimentation",
        needs="the Personal Access Token in the destination's settings",
        beware="it is sent the account's number and not the person's user id",
    ),
    Known("fullstory", needs="an Admin or Architect key in the destination's settings"),
    Known("braze", needs="a key that may delete users, in the destination's settings"),  # assumed: the permission
    Known(
        "magellan",
        needs="the access key that Magellan AI's own staff give out",
        beware="without the access key that its own staff give out, it answers that all is well and deletes nothing",
    ),
    Known("intercom", beware="it finds the contact by the user id, but deletes by a number of its own"),
    Known("klaviyo", beware="it finds the person only where the user id is Klaviyo's own profile number"),
    Known("blackbaud", beware="it answers that all is well and deletes nothing"),
    Known("google data manager", beware="it answers that all is well and deletes nothing"),
    Known("refersion", beware="it needs the e-mail address, which Segment does not send with a deletion"),
    Known("appcues", beware="it only passes on a notice, on which somebody has to act in Appcues"),
    Known("tray", beware="only a workflow there that listens for deletions acts on it"),
    Known("webhooks", beware="only what your own people have built behind it acts on it"),
)
"""The destinations of which more is known than that a deletion is passed on to them."""

_TOLD_TOO = (
    *("airship", "angler", "appfit", "blend", "calliper", "customer.io", "encharge", "extole", "friendbuy", "gleap"),
    *("google cloud pubsub", "google cloud pub/sub", "hilo", "iqm", "iterable", "loops", "pushwoosh", "recombee"),
    *("stackadapt", "userpilot", "vero", "xtremepush"),
)
"""The others that Segment is known to pass deletions on to, by the beginnings of their names (segment-docs, privacy
FAQ; action-destinations, `onDelete`). One that is not here may be told all the same, such as a customer's function."""

_THEN_DONE = "Write what came of it into Follow-up note, then set Follow-up to Done."


def known(name: str) -> Known | None:
    """What is known of a destination; its name may go on, such as `Amplitude (Actions)`."""
    wanted = one_line(name).casefold()
    return next((entry for entry in KNOWN if wanted.startswith(entry.begins)), None)


def what_to_do(receipt: Receipt) -> str:
    """The advice for a receipt: what a person has to do, or to beware of; empty where nothing is to be done."""
    found, name = known(receipt.destination), one_line(receipt.destination)
    if not receipt.follow_up_needed:
        beware = found.beware if found and receipt.progress is Progress.FINISHED else ""
        return f"Segment passed it on. Beware: {beware}. Look whether the person is still there." if beware else ""
    if receipt.destination == SEGMENT_ITSELF:
        return f"Tell the people who run dsr-sync: they ask Segment's support what is left. {_THEN_DONE}"
    if receipt.progress is Progress.NOT_SUPPORTED:
        return (
            f"Segment cannot pass deletions on to {name}. Delete this person's data there yourself, or ask the vendor "
            f"to do so by the user id. {_THEN_DONE}"
        )
    if found is not None and found.needs:
        return (
            f"Most often a setting is missing: ask the people who run Segment to set {found.needs}, then tick Retry on "
            f"the request. Or ask {name} yourself to delete this person's data by the user id. {_THEN_DONE}"
        )
    if not _is_told(found, name):
        return (
            f"Segment could not pass it on to {name}, which is not among the vendors that it is known to tell. Delete "
            f"this person's data there yourself, or ask the vendor to do so by the user id. {_THEN_DONE} Retry helps "
            "only if your own people have built what passes it on, and have mended it."
        )
    return (
        f"Segment could not pass it on to {name}, or not in full. Ask {name} to delete this person's data by the user "
        f"id. {_THEN_DONE} Or have the cause mended in Segment, then tick Retry on the request."
    )


def _is_told(found: Known | None, name: str) -> bool:
    return found.told if found else name.casefold().startswith(_TOLD_TOO)


def shown(submission: Submission, reported: Iterable[Receipt], systems: Sequence[ByHand]) -> tuple[Receipt, ...]:
    """All receipts of a request as the base is to show them: what Segment reported, and the systems told by hand.

    `systems` are the operator's; one that is no longer among them is still owed to who asked before it went. Where
    Segment has a destination of the same name, what a person has to do stands.
    """
    by_name = {system.name: system for system in systems}
    theirs = tuple(_by_hand(name, by_name.get(name)) for name in submission.by_hand)
    ours = (receipt for receipt in reported if receipt.destination not in submission.by_hand)
    return (*(replace(receipt, what_to_do=what_to_do(receipt)) for receipt in ours), *theirs)


def settled(receipts: Iterable[Receipt], done: Container[str]) -> tuple[Receipt, ...]:
    """The receipts of one request, with those marked that staff have seen to; `done` has their destinations."""
    return tuple(
        replace(receipt, followed_up=receipt.follow_up_needed and receipt.destination in done) for receipt in receipts
    )


def _by_hand(name: str, system: ByHand | None) -> Receipt:
    if system is None:
        text = f"See to {one_line(name)} by hand, as was agreed when this request came. {_THEN_DONE}"
    else:
        text = f"{one_line(system.owner)}: {system.instructions.strip()} {_THEN_DONE}"
    return replace(by_hand_receipt(name), what_to_do=text)
