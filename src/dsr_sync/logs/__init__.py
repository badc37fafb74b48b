"""The log: structlog behind an allow-list, and the catalogue of what it may say (promise 7)."""

from dsr_sync.logs.catalogue import ADDED, EVENTS, KEYS
from dsr_sync.logs.redact import REDACTED
from dsr_sync.logs.setup import Format, Level, Log, configure, watch_uncaught

__all__ = ["ADDED", "EVENTS", "KEYS", "REDACTED", "Format", "Level", "Log", "configure", "watch_uncaught"]
