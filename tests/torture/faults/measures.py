"""What the tests of the limits and their long versions measure."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from email.utils import format_datetime

from tests.torture.faults.bench import Bench

from dsr_sandbox.journal import Entry

LOCKOUT = 30.0
"""Seconds that Airtable refuses everything for after a 429 (Airtable docs, rate limits)."""

_MINUTE = 60.0

FORMS: dict[str, tuple[object, float | None]] = {
    "no header": (None, None),
    "seconds": ("45", 45),
    "few seconds": ("7", 7),
    "a date": (timedelta(seconds=60), 60),
    "a past date": (timedelta(seconds=-60), 0),
    "negative": ("-5", 0),
    "too long": ("9999999", 3600),
    "garbage": ("soon", None),
}
"""Forms of Retry-After: as it is sent (a time as its distance from now), and the seconds that it means."""


def header(form: object, now: datetime) -> object:
    """The value of the header."""
    return format_datetime(now + form, usegmt=True) if isinstance(form, timedelta) else form


def peak(calls: Sequence[Entry]) -> int:
    """The most calls that fell into any one second."""
    times = [call.at for call in calls]
    return max((sum(1 for at in times if start <= at < start + timedelta(seconds=1)) for start in times), default=0)


def rate(calls: Sequence[Entry], most: int) -> float:
    """Calls per second of the steady part, of calls that come in bursts of `most`, from its first call to its last.

    It begins behind the first `most`, which wait for what was called before, and is as long as whole bursts are: a
    burst that is cut off would count what it waited for and not what came of it. The journal's times are whole
    microseconds, so that the sixth digit means nothing.
    """
    steady = calls[most:]
    bursts = (len(steady) - 1) // most
    return round(bursts * most / (steady[bursts * most].at - steady[0].at).total_seconds(), 5)


def silence_after(world: Bench, service: str, expected: float) -> float:
    """Tick on until the service is called again; the seconds between the last call and that one.

    Looks four times a second around the end of the `expected` silence, every second before, every minute long before.
    """
    before, last = world.so_far(), world.calls(service)[-1].at
    latest = last + timedelta(seconds=2 * expected + 60)
    while world.box.clock.now() < latest:
        left = expected - (world.box.clock.now() - last).total_seconds()
        world.box.clock.advance(_MINUTE if left > 2 * _MINUTE else 1.0 if left > 2 else 0.25)
        world.tick()
        if called := world.calls(service, before):
            return (called[0].at - last).total_seconds()
    raise AssertionError(f"{service} was not called any more within {2 * expected + 60:g} s")


def locked_out(world: Bench, form: str = "no header") -> tuple[float, float]:
    """Let Airtable answer 429 once; the seconds until it is called again, and the seconds that are expected."""
    sent, seconds = FORMS[form]
    expected = max(LOCKOUT, seconds or 0)
    options = {} if sent is None else {"retry_after": header(sent, world.clock.now())}
    world.fault("airtable", "rate_limit", **options)
    world.tick()
    return silence_after(world, "airtable", expected), expected


def outage(world: Bench, service: str, hours: float, every: float) -> int:
    """Let a service answer nothing but 503 for so long; how often it was called meanwhile."""
    before, fault = world.so_far(), world.fault(service, "status", code=503, times=None)
    world.later(hours * 3600, every)
    world.box.faults.remove(fault)
    return len(world.calls(service, before))


def restarted_in_a_back_off(world: Bench, service: str, times: int) -> int:
    """Let a service fail until it is tried once a minute, then kill the process, a second each; the calls meanwhile."""
    world.ask("ann")
    world.fault(service, "status", code=503, times=None)
    world.later(300, 5)
    before = world.so_far()
    while not world.calls(service, before):  # right after a probe the back-off is longer than all the restarts
        world.later(5, 5)
    before = world.so_far()
    for _ in range(times):
        world.restart()
        world.later(1, 1)
    return len(world.calls(service, before))
