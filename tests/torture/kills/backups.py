"""The ledger is restored from an old copy, or lost: whatever Segment has already is found again, not sent again.

python -m tests.torture.kills.backups
"""

import shutil
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from tests.torture.kills.bill import Bill, summed
from tests.torture.kills.crew import crew, told
from tests.torture.kills.forge import Forge
from tests.torture.kills.stage import LATER, Settings, Stage, stage

from dsr_sandbox.segment.model import Pace

BEHIND = 20
"""Submissions that the old copy does not know of."""

_DAY = 86_400.0
_SLOW = Pace(_DAY, 3 * _DAY)
_FAST = Pace(2.0, 6.0)


@dataclass(frozen=True, slots=True)
class Loss:
    """What happens to the ledger, how fast Segment is, and the settings under which it happens."""

    name: str
    lose: Callable[[Stage, Path], None]
    pace: Pace = _SLOW
    answered: bool = True
    settings: Settings = ()


def _restore(world: Stage, copy: Path) -> None:
    """Put the old copy in the place of the ledger; its key file is the same."""
    for path in world.folder.glob("ledger.db*"):
        path.unlink()
    for path in copy.iterdir():
        shutil.copy(path, world.folder)


def _delete(world: Stage, copy: Path) -> None:
    """Everything is gone, the key too."""
    del copy
    for path in world.folder.glob("ledger.db*"):
        path.unlink()


def _delete_database(world: Stage, copy: Path) -> None:
    """The database is gone; its key stayed."""
    _delete(world, copy)
    shutil.copy(copy / "ledger.db.key", world.folder)


_WAIT = (("DSR_SYNC_SAFETY__COOLING_OFF_MINUTES", "5"),)

LOSSES = (
    Loss("old copy", _restore),
    Loss("old copy, all is over at Segment", _restore, _FAST),
    Loss("old copy that has seen the rows", _restore, settings=_WAIT),
    Loss("old copy, answers lost", _restore, answered=False),
    Loss("deleted", _delete),
    Loss("deleted, all is over at Segment", _delete, _FAST),
    Loss("deleted, answers lost", _delete, answered=False),
    Loss("database deleted, key kept", _delete_database),
)


def lost(forge: Forge, loss: Loss) -> Bill:
    """One run: some requests before the copy is made, twenty after it, the loss, and the healing."""
    with stage(forge, loss.settings) as world:
        world.box.segment.workspace.pace = loss.pace
        _sent(world, "early", BEHIND // 2)
        for number in range(BEHIND if loss.settings else 0):
            world.ask(f"late{number}")
        world.once()
        copy = world.folder / "copy"
        copy.mkdir()
        for path in world.folder.glob("ledger.db*"):
            shutil.copy(path, copy)
        if not loss.answered:
            world.box.faults.add("segment", "cut", method="POST", after_effect=True, times=BEHIND // 4)
        if loss.settings:
            _ticks(world)
        else:
            _sent(world, "late", BEHIND)
        _behind_enough(world)
        loss.lose(world, copy)
        world.heal(_DAY if loss.pace is _SLOW else LATER)
        return world.judge().named(loss.name)


def _sent(world: Stage, who: str, count: int) -> None:
    for number in range(count):
        world.ask(f"{who}{number}", Request_type="Suppress" if number % 4 == 0 else "Delete")
    _ticks(world)


def _ticks(world: Stage) -> None:
    """Enough of them that every row is past its cooling-off time, sent and told."""
    for _ in range(3):
        world.once()
        world.later(LATER / 2)


def _behind_enough(world: Stage) -> None:
    made = len(world.box.segment.workspace.regulations())
    if made < BEHIND + BEHIND // 2:
        raise RuntimeError(f"only {made} regulations were made before the loss")


def losses(workers: int) -> tuple[Bill, int]:
    """All of them."""
    with crew(workers) as hands:
        done = hands.each(lost, LOSSES)
    return summed(done), BEHIND * len(LOSSES)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run; 1 if anything was broken."""
    del arguments
    return told("ledger restored from an old copy, or deleted", lambda: losses(2), "submissions not known to it")


if __name__ == "__main__":
    raise SystemExit(main())
