"""A list of records, page by page, to its end; in smaller pages where a page is more than can be taken."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Final

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.refusals import SERVICE, Json
from dsr_sync.adapters.wire import TooLarge
from dsr_sync.ports import Permanent, Transient

_PAGE: Final = 100  # the most that Airtable gives (Airtable docs, list records)
_MOST_RECORDS = 10_000 * _PAGE

Ask = Callable[[int, str | None], Json]
"""Asks for one page of so many records, from the beginning or from an offset on."""


def paged(ask: Ask) -> Iterator[list[Json]]:
    """Pages of up to 100 records, each asked for when it is wanted.

    A page that is more than can be taken is asked for again from where it begins with half as many records, and the
    rest of the list goes on so. That an offset may be used with another page size is not documented: unless the answer
    begins with the record that the offset names, the list is begun again in the smaller pages, so records may come
    twice, and none is missed. One record alone can be taken: a text has 100,000 characters at most.

    Raises:
        Transient: whatever `ask` raises, an answer that is no page, or a list that leads in a circle.
        Permanent: whatever `ask` raises.
    """
    place = _Place()
    while place.left > 0:
        page = place.page(ask)
        if page is not None:
            yield page["records"]
            if not place.moved_on(page.get("offset")):
                return
    raise _endless()


@dataclass(slots=True)
class _Place:
    """Where a listing stands, and how much it asks for at once. `resized`: the offset was made for larger pages."""

    size: int = _PAGE
    left: int = _MOST_RECORDS
    offset: str | None = None
    resized: bool = False
    _seen: set[str] = field(default_factory=set)

    def page(self, ask: Ask) -> Json | None:
        """The page that begins here; None if it has to be asked for anew, because less is asked for from now on."""
        self.left -= self.size
        try:
            answer = ask(self.size, self.offset)
        except TooLarge:
            if self.size == 1:
                raise
            self.size, self.resized = self.size // 2, self.offset is not None
            return None
        except Permanent as problem:
            if not self.resized or problem.reason not in refusals.OFFSET_REFUSED:
                raise
            self._begin_again()
            return None
        records = answer.get("records")
        if not isinstance(records, list):
            raise refusals.not_understood()
        if self.resized and not _begins_at(self.offset, records):
            self._begin_again()
            return None
        self.resized = False
        return answer

    def moved_on(self, offset: Json) -> bool:
        """Go on to the next page; False if there is none."""
        if not offset:
            return False
        if str(offset) in self._seen:
            raise _endless()
        self._seen.add(str(offset))
        self.offset = str(offset)
        return True

    def _begin_again(self) -> None:
        self.offset, self.resized = None, False
        self._seen.clear()


def _begins_at(offset: str | None, records: list[Json]) -> bool:
    """Whether a page begins with the record that its offset names: `itr…/rec…` (Airtable docs, list records)."""
    first = records[0] if records else None
    return isinstance(first, dict) and first.get("id") == str(offset).rpartition("/")[2]


def _endless() -> Transient:
    return Transient(SERVICE, "listing did not end")
