"""Whether somebody changed the daemon's columns of a row: what it says is held against what it was last told."""

from collections.abc import Sequence
from dataclasses import fields, replace

from dsr_sync.core.actions import Why
from dsr_sync.core.decide import Observation
from dsr_sync.core.facts import Facts
from dsr_sync.core.model import Cells, Entry
from dsr_sync.core.notes import NOT_YET_AGAIN
from dsr_sync.core.policy import Policy
from dsr_sync.core.wording import cells, notes_over_time
from dsr_sync.engine.show import Edits, facts_of_entry


def edits_in(observations: Sequence[Observation], policy: Policy) -> Edits:
    """Which columns somebody changed, as far as the ledger knows what rows were told.

    That it knows of rows that were sent and are owed nothing. A note that only the day has changed is no edit. A column
    that the base lacks seems edited here; it is not written, and so not counted in the end.
    """
    found = {}
    for seen in observations:
        entry = seen.entry
        if entry is not None and entry.submission is not None and not entry.owed:
            found[entry.record_id] = _differing(seen.row.cells, entry, policy)
    return {record_id: columns for record_id, columns in found.items() if columns}


def _differing(current: Cells, entry: Entry, policy: Policy) -> frozenset[str]:
    facts = facts_of_entry(entry, None, policy)
    told = cells(facts)
    differ = {each.name for each in fields(Cells) if getattr(current, each.name) != getattr(told, each.name)}
    if current.status_note.startswith(NOT_YET_AGAIN):
        differ -= {"status", "status_note"}  # a Retry that waits, of which the ledger knows nothing
    elif current.status_note in notes_over_time(facts) or _answers_a_retry(current, facts):
        differ.discard("status_note")
    return frozenset(differ)


def _answers_a_retry(current: Cells, facts: Facts) -> bool:
    """Whether the row still says why a Retry was not obeyed: the ledger knows nothing of that."""
    return any(current.status_note in notes_over_time(replace(facts, why=why)) for why in Why)
