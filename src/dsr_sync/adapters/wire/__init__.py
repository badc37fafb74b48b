"""One HTTP call under a hard deadline, its pace and its pauses. Knows no service; the adapters translate its errors.

Not made for several threads: one adapter makes one call at a time.
"""

from dsr_sync.adapters.wire.call import (
    Answer,
    Call,
    Guard,
    NoAnswer,
    NotSent,
    Observer,
    Oversized,
    TooLarge,
    Wire,
    bearer,
)
from dsr_sync.adapters.wire.far_clock import FarClock
from dsr_sync.adapters.wire.pace import Lockout, Pace
from dsr_sync.adapters.wire.retry_after import date_header, milliseconds, retry_after

__all__ = [
    "Answer",
    "Call",
    "FarClock",
    "Guard",
    "Lockout",
    "NoAnswer",
    "NotSent",
    "Observer",
    "Oversized",
    "Pace",
    "TooLarge",
    "Wire",
    "bearer",
    "date_header",
    "milliseconds",
    "retry_after",
]
