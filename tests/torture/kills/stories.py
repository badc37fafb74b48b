"""Short stories that, together, make the engine ask everything of the ledger and of the services that it can ask.

Each is a sequence of acts. After each act comes a tick, in which a crash may fall.
"""

from collections.abc import Callable
from dataclasses import dataclass

from tests.torture.kills.stage import LATER, SETTLE, Stage, three_requests

from dsr_sandbox.segment.model import Order, Pace

Act = Callable[[Stage], None]

_DAY = 86_400.0


@dataclass(frozen=True, slots=True)
class Story:
    """A name and the acts; `step` is the time between two ticks of the healing."""

    name: str
    acts: tuple[Act, ...]
    step: float = LATER


def _later(seconds: float) -> Act:
    def act(world: Stage) -> None:
        world.later(seconds)

    return act


def _nothing(world: Stage) -> None:
    """A further tick, with nothing new."""
    world.later(1.0)


def _follow_up(world: Stage) -> None:
    """A destination that cannot delete."""
    world.box.segment.workspace.put_destinations([{"name": "Webhooks", "behaviour": "unsupported"}])
    world.ask("first")


def _done(world: Stage) -> None:
    """Staff do what the receipts ask for."""
    world.later(LATER)
    for receipt_id in world.staff.rows("Receipts"):
        world.staff.change(receipt_id, {"Follow-up": "Done"}, "Receipts")


def _cut(world: Stage) -> None:
    """Segment never heard of the first creation."""
    world.ask("first")
    world.box.faults.add("segment", "cut", method="POST")


def _cut_after(world: Stage) -> None:
    """Segment took the first creation, and its answer is lost."""
    world.ask("first")
    world.box.faults.add("segment", "cut", method="POST", after_effect=True)


def _refused(world: Stage) -> None:
    """Segment says no to the first creation."""
    world.ask("first")
    world.refusing = True
    world.box.faults.add("segment", "status", method="POST", code=400)


def _sent_and_forgotten(world: Stage) -> None:
    """A year passes after an answer that was lost: nobody can prove anything any more."""
    world.later(100 * _DAY)


def _busy(world: Stage) -> None:
    """Segment asks to be left alone for a moment."""
    world.ask("first")
    world.box.faults.add("segment", "status", method="POST", code=429)


def _unticked(world: Stage) -> None:
    """Staff untick Submitted, which is not theirs."""
    world.later(LATER)
    for record_id in world.staff.rows():
        world.staff.change(record_id, {"Submitted": None})


def _failing(world: Stage) -> None:
    """A destination that fails, and names the person when it says why."""
    world.ask("first")
    said = f"no profile of {world.people[0]}"
    world.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail", "error": said}])


def _gone(world: Stage) -> None:
    """Staff delete the row of a request that runs."""
    world.later(LATER)
    world.staff.remove(next(iter(world.staff.rows())))


def _ledger_lost(world: Stage) -> None:
    """The ledger is deleted, with its key."""
    for path in world.folder.glob("ledger*"):
        path.unlink()


def _untick(world: Stage) -> None:
    """Staff untick Submitted, and the ledger is deleted: nothing but Segment's list knows of the request."""
    _ledger_lost(world)
    for record_id in world.staff.rows():
        world.staff.change(record_id, {"Submitted": None, "Regulation ID": None})


def _by_hand(world: Stage) -> None:
    """Somebody makes a regulation for the same person at Segment's own page."""
    order = Order("SUPPRESS_WITH_DELETE", "USER_ID", (world.people[0],))
    world.by_hand.add(world.box.segment.workspace.create(order).id)
    world.later(_DAY)


def _address(world: Stage) -> None:
    """Somebody is named by an address that leads to a user id, and a destination fails to delete."""
    world.box.segment.workspace.put_destinations([{"name": "Braze", "behaviour": "fail"}])
    world.staff.add({"User identifier": _address_of_somebody(world), "Authenticated": True})


def _address_in_its_own_time(world: Stage) -> None:
    """Somebody is named by an address that leads to a user id, and Segment takes its time."""
    world.box.segment.workspace.pace = Pace(_DAY, 3 * _DAY)
    world.staff.add({"User identifier": _address_of_somebody(world), "Authenticated": True})


def _same_address(world: Stage) -> None:
    """A further row names the same address, once the first one was sent."""
    world.later(LATER)
    world.staff.add({"User identifier": next(iter(world.leads_to)), "Authenticated": True})


def _address_of_somebody(world: Stage) -> str:
    world.settings |= {name: value for name, value in world.box.settings().items() if "PROFILES" in name}
    address, user_id = f"someone-{id(world):x}@example.com", f"behind-the-address-of-{id(world):x}"
    ids = [{"type": "email", "id": address}, {"type": "user_id", "id": user_id}]
    world.box.segment.profiles.put([{"external_ids": ids}])
    world.people += [address, user_id]
    world.leads_to[address] = (user_id,)
    return address


def _retry(world: Stage) -> None:
    """Staff want everything once more."""
    world.later(LATER)
    for record_id in world.staff.rows():
        world.staff.change(record_id, {"Retry": True})


def _slow(world: Stage) -> None:
    """Segment takes its time, as it does in life."""
    world.box.segment.workspace.pace = Pace(_DAY, 3 * _DAY)
    world.ask("first")


STORIES = (
    Story("three requests", (three_requests, _nothing, _later(LATER))),
    Story("a follow-up", (_follow_up, _later(LATER), _done, _nothing)),
    Story("never heard of", (_cut, _later(SETTLE), _later(LATER), _nothing)),
    Story("an answer lost", (_cut_after, _later(LATER), _nothing)),
    Story("refused", (_refused, _nothing)),
    Story("too long ago", (_cut, _sent_and_forgotten, _nothing)),
    Story("left alone", (_busy, _later(LATER), _nothing)),
    Story("unticked by hand", (_slow, _unticked, _nothing), _DAY),
    Story("a destination that fails", (_failing, _later(LATER), _later(1.1 * _DAY), _nothing)),
    Story("a row deleted", (_slow, _gone, _later(4 * _DAY)), _DAY),
    Story("ledger deleted", (three_requests, _ledger_lost, _nothing)),
    Story("ledger deleted and rows unticked", (_slow, _untick, _nothing), _DAY),
    Story("made by hand beside it", (_slow, _by_hand, _nothing), _DAY),
    Story(
        "ledger deleted while a row shares an address",
        (_address_in_its_own_time, _same_address, _ledger_lost, _nothing),
        _DAY,
    ),
    Story("an address, once more", (_address, _later(LATER), _retry, _later(LATER))),
)
