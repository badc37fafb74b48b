"""How long an answer asks to be left alone, in the words of both services; for the journal."""

from datetime import datetime
from email.utils import parsedate_to_datetime

from dsr_sandbox.exchange import Answer, Json

_TOO_MANY_REQUESTS = 429
_HOUR = 3600.0


def pause_asked(answer: Answer, now: datetime) -> float | None:
    """The seconds that a 429 asks for by Retry-After, or by `msBeforeNext` in its body; None if it asks for nothing.

    A month's quota that is used up holds back one kind of creations: the caller is not asked to be silent.
    """
    headers = {name.decode("latin-1"): value.decode("latin-1").strip() for name, value in answer.headers}
    if answer.status != _TOO_MANY_REQUESTS or _of_the_month(headers, now):
        return None
    asked = _seconds(headers.get("retry-after", ""), now)
    return _before_next(answer.json()) if asked is None else asked


def _of_the_month(headers: dict[str, str], now: datetime) -> bool:
    reset = _seconds(headers.get("x-ratelimit-reset", ""), now)
    return headers.get("x-ratelimit-remaining") == "0" and reset is not None and reset > _HOUR


def _seconds(header: str, now: datetime) -> float | None:
    """Seconds or a date (RFC 9110, 10.2.3); what is past means now."""
    try:
        return max(float(int(header)), 0.0)
    except ValueError:
        pass
    try:
        return max((parsedate_to_datetime(header) - now).total_seconds(), 0.0)
    except ValueError:
        return None


def _before_next(content: Json) -> float | None:
    errors = content.get("errors") if isinstance(content, dict) else None
    data = errors[0].get("data") if isinstance(errors, list) and errors and isinstance(errors[0], dict) else None
    asked = data.get("msBeforeNext") if isinstance(data, dict) else None
    return asked / 1000 if isinstance(asked, int | float) else None
