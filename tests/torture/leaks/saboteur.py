"""`python -m tests.torture.leaks.saboteur CALL ERROR COMMAND…`: the command with a call that breaks unexpectedly.

CALL is a method of an adapter, ERROR one of `ERRORS`. Each error holds a canary in its text, its arguments, its cause
and the locals of its frame. It comes after some calls that go well, so that there is something to leak. Each time,
`RAISED` is said on standard error, so that nobody takes for broken what was not.
"""

import sys
from collections.abc import Callable
from importlib import import_module
from itertools import count
from typing import Any

import httpx
from sqlalchemy.exc import IntegrityError
from tests.torture.leaks.canaries import SABOTAGE, USER_ID

from dsr_sync.__main__ import main

TEXT = f"{SABOTAGE.text} {USER_ID.text}"
RAISED = "saboteur: raised it"


def _http() -> Exception:
    request = httpx.Request("GET", f"https://api.example.org/v1/{SABOTAGE.core}?who={USER_ID.text}")
    return httpx.HTTPStatusError(TEXT, request=request, response=httpx.Response(500, request=request, text=TEXT))


def _database() -> Exception:
    detail = Exception(f"duplicate key\nDETAIL:  Key (a)=({TEXT}) already exists.")
    return IntegrityError(f"statement with {TEXT}", {"typed_key": TEXT}, detail)


def _group() -> Exception:
    return ExceptionGroup(TEXT, [ValueError(TEXT), KeyError(TEXT)])


ERRORS: dict[str, Callable[[], Exception]] = {
    "runtime": lambda: RuntimeError(TEXT),
    "key": lambda: KeyError(TEXT),
    "unicode": lambda: UnicodeEncodeError("ascii", TEXT, 0, 1, TEXT),
    "http": _http,
    "database": _database,
    "group": _group,
}
CALLS: dict[str, int] = {
    "dsr_sync.adapters.airtable:AirtableRequestTable.candidates": 0,
    "dsr_sync.adapters.airtable:AirtableRequestTable.tell": 2,
    "dsr_sync.adapters.airtable:AirtableRequestTable.put_receipts": 2,
    "dsr_sync.adapters.segment:SegmentDeletionService.submit": 2,
    "dsr_sync.adapters.segment:SegmentDeletionService.fetch": 2,
    "dsr_sync.adapters.segment:SegmentDeletionService.listing": 2,
    "dsr_sync.adapters.ledger.store:SqlLedger.intend": 2,
    "dsr_sync.adapters.ledger.store:SqlLedger.accept": 2,
    "dsr_sync.adapters.ledger.store:SqlLedger.look": 2,
    "dsr_sync.adapters.ledger.store:SqlLedger.entries": 2,
}
"""What breaks, and how many calls go well before: each is called more often than that in a tick or two."""


def sabotage(call: str, error: str) -> None:
    """Let a method raise this error once so many calls have gone well, whatever it is asked."""
    module, _, path = call.partition(":")
    holder, _, name = path.partition(".")
    owner = getattr(import_module(module), holder)
    method, calls = getattr(owner, name), count(1)

    def broken(*args: Any, **named: Any) -> Any:
        person = {"who": TEXT, "args": args}  # a traceback that showed locals would show this
        if next(calls) > CALLS[call]:
            unexpected = ERRORS[error]()
            print(RAISED, file=sys.stderr, flush=True)
            raise unexpected from ValueError(str(person["who"]))
        return method(*args, **named)

    setattr(owner, name, broken)


if __name__ == "__main__":
    sabotage(sys.argv[1], sys.argv[2])
    sys.argv = ["dsr-sync", *sys.argv[3:]]
    main()
