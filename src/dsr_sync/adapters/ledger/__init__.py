"""The ledger on SQLite or PostgreSQL. `open_ledger` and `open_reader` are the doors."""

from dsr_sync.adapters.ledger.lease import Lease, LeaseTerms
from dsr_sync.adapters.ledger.opening import Place, ensure_writable, open_ledger, open_reader
from dsr_sync.adapters.ledger.store import SqlLedger
from dsr_sync.adapters.ledger.writer import FileLock, Writer

__all__ = [
    "FileLock",
    "Lease",
    "LeaseTerms",
    "Place",
    "SqlLedger",
    "Writer",
    "ensure_writable",
    "open_ledger",
    "open_reader",
]
