"""Many runs side by side, each worker with a forge of its own; and the last line that every part prints."""

import json
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from queue import SimpleQueue
from typing import TypeVar

from tests.torture.kills.bill import Bill
from tests.torture.kills.forge import Forge

_SHOWN = 40
"""Lines about what was broken: more would say nothing new."""

T = TypeVar("T")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Crew:
    """Threads and the forges that they take turns with."""

    forges: "SimpleQueue[Forge]"
    threads: ThreadPoolExecutor

    def each(self, work: Callable[[Forge, T], R], items: Sequence[T]) -> list[R]:
        """Do the work on every item, a few at a time; the results in the order of the items."""

        def one(item: T) -> R:
            forge = self.forges.get()
            try:
                return work(forge, item)
            finally:
                self.forges.put(forge)

        return list(self.threads.map(one, items))


@contextmanager
def crew(workers: int) -> Iterator[Crew]:
    """So many workers."""
    with ExitStack() as stack:
        forges: SimpleQueue[Forge] = SimpleQueue()
        for _ in range(workers):
            forges.put(stack.enter_context(Forge()))
        yield Crew(forges, stack.enter_context(ThreadPoolExecutor(workers)))


def spread(items: Sequence[T], wanted: int) -> list[T]:
    """So many of the items, evenly spread from the first to the last; all of them if there are no more."""
    if wanted >= len(items):
        return list(items)
    if wanted == 1:
        return [items[len(items) // 2]]
    return [items[round(index * (len(items) - 1) / (wanted - 1))] for index in range(wanted)]


def told(what: str, work: Callable[[], tuple[Bill, int]], hits: str) -> int:
    """Do the work of a part and print its one line for the runner; the exit code. `hits` says what the count counts."""
    begun = time.monotonic()
    bill, hit = work()
    for line in bill.broken[:_SHOWN]:
        print(line, file=sys.stderr)
    said = {
        "what": what,
        "runs": bill.runs,
        "lost": bill.lost,
        "doubled": bill.doubled,
        "leaked": bill.leaked,
        "broken": len(bill.broken),
        "note": f"{hit} {hits}",
        "seconds": round(time.monotonic() - begun, 1),
    }
    print(json.dumps(said))
    return int(not bill.clean)
