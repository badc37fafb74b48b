"""The closed lists of words that a log line may hold, where no enumeration of the core has them."""

SERVICES = frozenset({"airtable", "segment", "profiles", "ledger"})

REASONS = frozenset({"refused", "conflict", "gone", "UNAUTHORIZED", "FORBIDDEN"})
"""The reasons of one word; the longer ones are in `phrases.py`."""

SETTINGS = frozenset(
    {
        "airtable.token",
        "segment.token",
        "segment.profiles.token",
        "ledger.key",
        "ledger.url",
        "DSR_SYNC_AIRTABLE__TOKEN",
        "DSR_SYNC_SEGMENT__TOKEN",
        "DSR_SYNC_SEGMENT__PROFILES__TOKEN",
        "DSR_SYNC_LEDGER__KEY",
        "DSR_SYNC_LEDGER__URL",
    }
)

SCOPES = frozenset({"data.records:read", "data.records:write", "schema.bases:read", "schema.bases:write"})
METHODS = frozenset({"GET", "POST", "PATCH", "PUT", "DELETE"})

QUOTAS = frozenset({"segment_only", "segment_and_destinations"})

LOOPS = frozenset({"tick", "lease"})

SIGNALS = frozenset({"SIGTERM", "SIGINT"})

QUIET = ("httpx", "httpcore", "urllib3", "apscheduler", "alembic", "uvicorn")
"""Libraries that log persons' identifiers or much noise below WARNING."""

LOGGERS = frozenset(
    {*QUIET, "asyncio", "concurrent", "prometheus_client", "psycopg", "py", "pyairtable", "sqlalchemy", "starlette"}
)
"""The libraries that may be named; any other is `[redacted]`. `py` is the logger of Python's own warnings."""
