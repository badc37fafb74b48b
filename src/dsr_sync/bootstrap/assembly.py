"""From settings to options and adapters."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from pathlib import Path
from random import SystemRandom  # noqa: TID251 - the one door of chance: the jitter of back-off

from dsr_sync.adapters.airtable import (
    AirtableBaseDesign,
    AirtableOptions,
    AirtableRequestTable,
    Names,
    ReceiptColumns,
    RequestColumns,
)
from dsr_sync.adapters.clock import SystemClock
from dsr_sync.adapters.ledger import Place, SqlLedger, ensure_writable, open_reader
from dsr_sync.adapters.segment import ProfileDirectory, ProfileOptions, SegmentDeletionService, SegmentOptions
from dsr_sync.adapters.wire import Observer
from dsr_sync.core.model import RequestType
from dsr_sync.core.policy import ByHand, Policy
from dsr_sync.engine.clocks import quota_runs
from dsr_sync.engine.submit import quota_mark
from dsr_sync.engine.world import World
from dsr_sync.logs import Log, configure, watch_uncaught
from dsr_sync.ports import Clock, Ledger, Listener, PortError
from dsr_sync.settings import Settings, load_settings

Guard = Callable[[], AbstractContextManager[None]]

PIPELINE = "default"
"""One base and one workspace; a process may serve several later."""

_CALL_SECONDS = 30.0
"""The longest that one call may take in all."""

_DESIGN_SECONDS, _DESIGN_SHARE = 300.0, 0.2
"""How long the base's columns are trusted: no longer than the usual time to think, so that no row is sent by a column
that staff have exchanged for another one; and never more than so many calls on top of polling."""


def settings_from(config: Path | None, environ: Mapping[str, str] | None = None) -> Settings:
    """The settings of this process. Raises SettingsError."""
    return load_settings(config, environ)


def configure_logs(settings: Settings) -> Log:
    """Set up the log of this process; only the operator's own column names may be named in it."""
    columns = settings.airtable.fields
    names = {settings.airtable.requests_table, settings.airtable.receipts_table}
    names |= set(columns.requests.model_dump().values()) | set(columns.receipts.model_dump().values())
    log = configure(settings.log.level, settings.log.format, names=names)
    watch_uncaught(log)
    return log


def policy_of(settings: Settings) -> Policy:
    """The operator's choices, as the core wants them."""
    return Policy(
        regulation_types=settings.segment.regulation_types.by_request_type(),
        email=settings.email_rule,
        protected=frozenset(word.strip().casefold() for word in settings.identifiers.protected),
        cooling_off=timedelta(minutes=settings.safety.cooling_off_minutes),
        max_submissions_per_hour=settings.safety.max_submissions_per_hour,
        requests_per_regulation=settings.segment.requests_per_regulation,
        settle=timedelta(seconds=settings.segment.settle_seconds),
        follow=timedelta(seconds=settings.schedule.follow_seconds),
        deadline_margin=timedelta(days=settings.safety.deadline_margin_days),
        by_hand=tuple(ByHand(each.name, each.owner, each.instructions) for each in settings.follow_ups.manual),
    )


def airtable_options(settings: Settings) -> AirtableOptions:
    """How to reach the base."""
    airtable = settings.airtable
    return AirtableOptions(
        token=airtable.token.get_secret_value(),
        base_id=airtable.base_id,
        endpoint_url=airtable.endpoint_url,
        names=Names(
            requests_table=airtable.requests_table,
            receipts_table=airtable.receipts_table,
            requests=RequestColumns(**airtable.fields.requests.model_dump()),
            receipts=ReceiptColumns(**airtable.fields.receipts.model_dump()),
        ),
        requests_per_second=airtable.requests_per_second,
        lockout_seconds=airtable.lockout_seconds,
        schema_seconds=max(_DESIGN_SECONDS, settings.schedule.poll_seconds / _DESIGN_SHARE),
    )


def place_of(settings: Settings) -> Place:
    """Where the ledger is, and what opens it."""
    key = settings.ledger.key
    return Place(settings.ledger.url.get_secret_value(), PIPELINE, key.get_secret_value() if key else None)


def submission_seconds(settings: Settings) -> float:
    """The longest that a submission may take, well within the settle time: what is sent later was never looked for."""
    settle = settings.segment.settle_seconds
    return min(_CALL_SECONDS, settle / 2) if settle > 0 else _CALL_SECONDS


def segment_options(settings: Settings) -> SegmentOptions:
    """How to reach Segment."""
    return SegmentOptions(
        token=settings.segment.token.get_secret_value(),
        endpoint_url=settings.segment_url,
        requests_per_minute=settings.segment.requests_per_minute,
        deadline_seconds=submission_seconds(settings),
    )


@contextmanager
def world_of(
    settings: Settings, ledger: Ledger, clock: Clock, listener: Listener, guard: Guard = nullcontext
) -> Iterator[World]:
    """The ports over the real services, closed at the end. `guard` surrounds each call and each submission."""
    with ExitStack() as stack:
        base = replace(airtable_options(settings), observe=_heard(listener, "airtable"), guard=guard)
        workspace = replace(
            segment_options(settings), observe=_heard(listener, "segment"), guard=guard, on_quota=_quota_heard(listener)
        )
        table = stack.enter_context(closing(AirtableRequestTable(base, clock, memory=ledger)))
        deletions = stack.enter_context(closing(SegmentDeletionService(workspace, clock)))
        directory = _directory(settings, clock, listener)
        if directory is not None:
            stack.enter_context(closing(directory))
        yield World(
            table=table,
            deletions=deletions,
            ledger=ledger,
            clock=clock,
            policy=policy_of(settings),
            listener=listener,
            chance=SystemRandom().random,
            guard=guard,
            directory=directory,
        )


def _heard(listener: Listener, service: str) -> Observer:
    """Let each call be an event: a count and a duration for the metrics, a line for whoever debugs."""

    def heard(method: str, status: int | None, seconds: float) -> None:
        listener.happened("api.called", service=service, method=method, status=status, seconds=round(seconds, 3))

    return heard


def _quota_heard(listener: Listener) -> Callable[[str, int], None]:
    return lambda category, remaining: listener.happened("quota.heard", category=category, remaining=remaining)


def _directory(settings: Settings, clock: Clock, listener: Listener) -> ProfileDirectory | None:
    profiles = settings.segment.profiles
    if profiles.space_id is None or profiles.token is None:
        return None
    token = profiles.token.get_secret_value()
    options = ProfileOptions(profiles.space_id, settings.profiles_url, token, observe=_heard(listener, "profiles"))
    return ProfileDirectory(options, clock)


@contextmanager
def reader(settings: Settings) -> Iterator[World]:
    """A world whose ledger is only read, and not made if there is none: for `plan`, `status` and `explain`."""
    clock = SystemClock(threading.Event())
    with (
        closing(open_reader(place_of(settings))) as ledger,
        world_of(settings, ledger, clock, Silent()) as world,
    ):
        yield world


class Silent:
    """A listener for commands that change nothing."""

    def happened(self, event: str, **facts: str | float | bool | None) -> None:
        """Nothing happens that would be worth a line."""


@dataclass(frozen=True, slots=True)
class Outside:
    """What `check` and `setup-base` look at."""

    design: AirtableBaseDesign
    check_segment: Callable[[], object]
    check_profiles: Callable[[], object] | None = None


@contextmanager
def outside(settings: Settings) -> Iterator[Outside]:
    """The two services; of the ledger, if it can be read, only which columns the base had before."""
    clock = SystemClock(threading.Event())
    with (
        _readable(settings) as ledger,
        closing(AirtableBaseDesign(airtable_options(settings), clock, memory=ledger)) as design,
        closing(SegmentDeletionService(segment_options(settings), clock)) as deletions,
    ):
        directory = _directory(settings, clock, Silent())
        if directory is None:
            yield Outside(design, deletions.check)
            return
        with closing(directory):
            yield Outside(design, deletions.check, directory.check)


@contextmanager
def _readable(settings: Settings) -> Iterator[SqlLedger | None]:
    """The ledger to read from; None if it cannot be opened, which is told where it is asked for."""
    try:
        ledger = open_reader(place_of(settings))
    except PortError:
        yield None
        return
    with closing(ledger):
        yield ledger


def check_ledger(settings: Settings) -> None:
    """Open the ledger for reading and close it, and see that it could be written. Raises LedgerUnusable, Transient."""
    open_reader(place_of(settings)).close()
    ensure_writable(place_of(settings))


def quota(world: World, now: datetime) -> dict[str, datetime | None]:
    """Per request type, until when Segment's quota of this month is used up; None where it is open."""
    said = {kind: world.ledger.mark(quota_mark(kind)) for kind in RequestType}
    return {kind.value: until if quota_runs(until, now) else None for kind, until in said.items()}
