"""The window between an intent and its POST, looked for in the ledger and in what has reached Segment."""

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import psycopg
from tests.torture.replicas.fleet import KEY, SETTLE, Fleet
from tests.torture.replicas.replica import Replica

from dsr_sync.adapters.ledger.keys import KeyedHash
from dsr_sync.adapters.ledger.tables import EPOCH
from dsr_sync.bootstrap.assembly import PIPELINE
from dsr_sync.core.model import Identifier, Outcome

_ARRIVED = 0.2
"""Seconds after which whatever a process had sent before it was stopped has been noted by the sandbox."""

_SENT_FOR = """
    SELECT s.intended_at, p.subject_key FROM submissions s JOIN submission_subjects p USING (submission_id)
    WHERE s.outcome = %s AND p.sent AND p.subject_key = ANY(%s)
"""


@dataclass(frozen=True, slots=True)
class Window:
    """An intent of unknown outcome for a person; no POST that names the person has reached Segment since."""

    person: str
    intended_at: datetime


def open_windows(fleet: Fleet, names: Sequence[str]) -> list[Window]:
    """The windows of these people that are open now."""
    hashed = KeyedHash(KEY.encode(), PIPELINE)
    people = {str(hashed.of(Identifier.typed(name))): name for name in names}
    with psycopg.connect(fleet.url) as connection:
        found = connection.execute(_SENT_FOR, (Outcome.UNKNOWN.value, list(people))).fetchall()
    intended = [Window(people[key], EPOCH + timedelta(microseconds=at)) for at, key in found]
    return [one for one in intended if not any(post.at >= one.intended_at for post in fleet.posts([one.person]))]


def still_open(fleet: Fleet, names: Sequence[str]) -> list[Window]:
    """The windows that are open, once everything has arrived that the stopped leader had sent before."""
    begun = time.monotonic()
    while (found := open_windows(fleet, names)) and time.monotonic() - begun < _ARRIVED:
        pass
    return found


def posted_once_by_another(fleet: Fleet, window: Window, holder: Replica) -> str:
    """What is wrong with the POSTs for what a dead leader held, "" if nothing is."""
    posts = fleet.posts([window.person])
    if len(posts) != 1:
        return f"{len(posts)} POSTs for what the dead leader held"
    if posts[0].headers["authorization"].endswith(holder.mark):
        return "the dead leader sent what it held"
    early = posts[0].at < window.intended_at + timedelta(seconds=SETTLE)
    return "what the dead leader held was sent before the settle time was over" if early else ""
