"""Everything that a log line may say: the names of events, the keys, and what may stand under each key.

Strings come from closed lists, or have the form of an id that names no person. Whoever needs another word adds it
here; until then the log says `[redacted]` in its place.
"""

import math
import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from enum import StrEnum

from dsr_sync.core.actions import Why
from dsr_sync.core.model import Verdict
from dsr_sync.core.retry import Found
from dsr_sync.logs.phrases import PHRASES
from dsr_sync.logs.words import LOGGERS, LOOPS, METHODS, QUOTAS, REASONS, SERVICES, SETTINGS, SIGNALS
from dsr_sync.ports import Flaw

Rule = Callable[[object], bool]
"""Whether a value may be shown under a key."""

EVENTS: dict[str, str] = {
    "api.called": "A service was called; `status` is its answer, missing if there was none.",
    "quota.heard": "Segment said how much of this month's quota is left.",
    "tick.finished": "A tick came to its end; the numbers say what it did.",
    "tick.failed": "A tick ended early; `reason` or `error` says why. The next tick tries again.",
    "request.submitted": "Segment accepted a request; `regulation_id` is its regulation.",
    "request.joined": "A request shares the regulation of an earlier row of the same person.",
    "request.adopted": "A regulation in Segment's list was found to serve this request; nothing was sent.",
    "request.refused": "Segment refused a request; the row says what a person can do.",
    "request.postponed": "A request that is ready has to wait; `why` says for what.",
    "outcome.unknown": "A submission was sent and its answer was not read; it is looked up before it is sent again.",
    "outcome.settled": "It is now known what came of a submission of unknown outcome; `found` says what.",
    "outcome.duplicate_found": "Segment holds a further regulation for a person whom another one (`kept`) serves.",
    "regulation.looked_at": "Segment was asked about a regulation; `verdict` is what it has come to.",
    "regulation.unanswered": "Segment could not answer about this one regulation; it is asked again later.",
    "regulation.ended": "A regulation has ended, or Segment forgot it (`lost`); it is looked at no more.",
    "request.untellable": "Airtable refuses what is written to a row or to its receipts; the others were written.",
    "request.put_right": "Somebody had changed the daemon's columns of a row, or its receipts; they were put right.",
    "request.gone": "The row of a request that was sent is gone from the base; its regulation is followed on.",
    "base.schema_broken": "A table or a column is missing or of the wrong type; nothing is sent until it is mended.",
    "base.flawed": "The base lacks something that the work can do without; `flaw`, `table`, `column` say what.",
    "base.schema_mended": "The base has all that is needed again; work goes on.",
    "api.token_refused": "A service refused our token; `setting` names it. Nothing more is asked until it is changed.",
    "lease.taken": "This process holds the ledger and does the work; `epoch` numbers its term where terms are counted.",
    "lease.renewed": "It goes on holding it; nobody else can for `seconds`.",
    "lease.given_back": "This process works no longer, and another one may take over.",
    "lease.lost": "Another process has taken over, or may have; this one stands by.",
    "ledger.trouble": "The ledger could not be read or written; without it nothing is sent.",
    "daemon.started": "The daemon is up; `version` is what runs.",
    "daemon.stopping": "A signal asked the daemon to stop; the step in hand is finished.",
    "daemon.stopped": "The daemon has stopped.",
    "sweep.finished": "The whole table was compared with the ledger.",
    "coldstart.finished": "Segment's list was read to its end, so nothing is sent a second time; sending may begin.",
    "clock.jumped": "The wall clock was set by `seconds`; ticks go on by the steady clock.",
    "library.message": "A library logged something; its words are left out, since they may name a person.",
    "error.escaped": "An error that nothing expected; `error` and `where` say which and in which lines.",
}
"""The events by name (`noun.verb`), each with the sentence that the reference prints."""


@dataclass(frozen=True, slots=True)
class Key:
    """One key: its rule, and what it means."""

    allows: Rule
    means: str


_LARGEST = 1_000_000_000


def number(value: object) -> bool:
    """A finite number. Larger ones than a thousand million could be somebody's telephone."""
    if type(value) is int or type(value) is float:
        return math.isfinite(value) and abs(value) < _LARGEST
    return False


def like(pattern: str) -> Rule:
    """A string of this form."""
    form = re.compile(pattern)
    return lambda value: type(value) is str and form.fullmatch(value) is not None


def one_of(words: Iterable[str]) -> Rule:
    """One of these words, as a string or as a member of an enumeration."""
    known = frozenset(str(word) for word in words)
    return lambda value: (type(value) is str or isinstance(value, StrEnum)) and str(value) in known


def reason(value: object) -> bool:
    """One of our phrases, or a code in capitals as Airtable answers (`INVALID_VALUE_FOR_COLUMN`)."""
    return _phrase(value) or _code(value)


_phrase = one_of(REASONS | PHRASES)
_code = like(r"[A-Z]{2,30}(_[A-Z]{1,30}){1,10}")

COUNTS = {
    "rows": "rows read",
    "submitted": "requests that Segment accepted",
    "adopted": "requests served by a regulation that was found in Segment's list",
    "joined": "requests that share an earlier regulation",
    "refused": "requests that Segment refused",
    "unknown": "submissions whose answer was not read",
    "settled": "submissions whose outcome became known",
    "postponed": "requests that are ready and have to wait",
    "braked": "of these, the ones behind the hourly limit",
    "followed": "regulations looked at",
    "unanswered": "regulations that Segment could not answer about",
    "ended": "regulations that ended",
    "told": "rows written",
    "receipts": "receipts written",
    "gone": "rows that staff deleted, found when they were to be written",
    "untellable": "rows that Airtable refused to have written",
    "columns": "columns that were put right",
    "problems": "services that failed in this tick",
    "strangers": "regulations in Segment's list that the ledger does not account for",
    "submission": "the ledger's number of a submission",
    "status": "HTTP status",
    "seconds": "duration in seconds",
    "epoch": "the number of the term in which a process holds the ledger",
    "port": "the port that is listened on",
    "remaining": "what is left of a quota",
}

KEYS: dict[str, Key] = {name: Key(number, means) for name, means in COUNTS.items()} | {
    "record_id": Key(like(r"rec[A-Za-z0-9]{14}"), "the row in Airtable"),
    "regulation_id": Key(like(r"[A-Za-z0-9]{27}"), "Segment's id of the regulation"),
    "kept": Key(like(r"[A-Za-z0-9]{27}"), "Segment's id of the regulation that is followed"),
    "method": Key(one_of(METHODS), "the method of a call"),
    "category": Key(one_of(QUOTAS), "the quota that it is about"),
    "why": Key(one_of(Why), "the reason behind a decision"),
    "found": Key(one_of(Found), "what Segment's list says of a submission"),
    "verdict": Key(one_of(Verdict), "what a regulation has come to"),
    "flaw": Key(one_of(Flaw), "what is wrong with the base"),
    "service": Key(one_of(SERVICES), "the service that it is about"),
    "reason": Key(reason, "a fixed phrase, or the service's own code"),
    "setting": Key(one_of(SETTINGS), "the setting to look at"),
    "loop": Key(one_of(LOOPS), "the loop that it happened in"),
    "signal": Key(one_of(SIGNALS), "the signal that came"),
    "logger": Key(one_of(LOGGERS), "the library that logged"),
    "version": Key(like(r"\d{1,3}(\.\d{1,4}){1,2}([a-z.+-]{1,4}\d{1,4})?"), "the version of dsr-sync"),
}
"""The keys that a caller may use. `table` and `column` come with the operator's own names, see `configure`."""

ADDED: dict[str, str] = {
    "at": "when it was logged, UTC",
    "level": "debug, info, warning or error",
    "event": "the name of the event",
    "table": "the table that it is about, as the settings name it",
    "column": "the column that it is about, as the settings name it",
    "error": "the types of the error and of its causes, the outermost first",
    "where": "the lines of dsr-sync that the error passed through, the innermost last",
}
"""Keys with rules of their own."""
