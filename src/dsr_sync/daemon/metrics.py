"""The numbers behind /metrics. No identifier is ever a label, and the number of series is bounded."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, Info, ProcessCollector, generate_latest

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
"""The Prometheus text format, which every scraper understands."""

_LABEL = re.compile(r"[a-zA-Z0-9][a-zA-Z0-9_. -]{0,40}")
_SECONDS = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_UNKNOWN = float("nan")
"""No comparison with it is true, so that no alert fires on what a process cannot know."""

_OF_LEDGER = (
    "dsr_sync_oldest_unsubmitted_seconds",
    "dsr_sync_deadline_remaining_seconds",
    "dsr_sync_ambiguous_requests",
    "dsr_sync_write_backs_owed",
    "dsr_sync_open_follow_ups",
)
_OF_LEDGER_BY_LABEL = ("dsr_sync_requests", "dsr_sync_requests_due", "dsr_sync_api_quota_remaining")
_LAST_SUCCESS, _LEADER = "dsr_sync_poll_last_success_timestamp_seconds", "dsr_sync_leader"
_MOST_LABELS = 200
"""Different label values in all; what comes after them is counted as `other`."""


@dataclass(frozen=True, slots=True)
class Standing:
    """The ledger in numbers. `by_state` counts requests; ages and remaining times are in seconds.

    `deadline_remaining_seconds` is that of the earliest date in Due by of an open request: negative once it has
    passed, None if there is none. `due` counts open requests by how near that date is. `oldest_open_seconds` is None
    if nothing is open.
    """

    by_state: Mapping[str, int]
    oldest_open_seconds: float | None
    unsettled: int
    owed: int
    open_follow_ups: int
    deadline_remaining_seconds: float | None
    due: Mapping[str, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Metric:
    """How a metric is declared. Counters are shown with `_total` behind their name, an info with `_info`."""

    kind: Literal["gauge", "counter", "histogram", "info"]
    means: str
    labels: tuple[str, ...] = ()


METRICS: dict[str, Metric] = {
    "dsr_sync_requests": Metric("gauge", "Requests by state, from the ledger, those of deleted rows too", ("state",)),
    "dsr_sync_oldest_unsubmitted_seconds": Metric("gauge", "Age of the oldest open request; 0 if there is none"),
    "dsr_sync_deadline_remaining_seconds": Metric(
        "gauge", "Time to the earliest date in Due by; negative once it has passed, NaN if there is none"
    ),
    "dsr_sync_requests_due": Metric(
        "gauge",
        "Open requests whose Due by has passed (overdue), is at most 3 days off (3d), or 4 to 7 days (7d); each once",
        ("within",),
    ),
    "dsr_sync_ambiguous_requests": Metric("gauge", "Submissions whose outcome is not known yet"),
    "dsr_sync_write_backs_owed": Metric("gauge", "Rows that do not yet say what the ledger says"),
    "dsr_sync_open_follow_ups": Metric("gauge", "Receipts that wait for a person"),
    "dsr_sync_leader": Metric(
        "gauge", "1 while this process does the work, 0 while it stands by or cannot use the ledger"
    ),
    "dsr_sync_poll_last_success_timestamp_seconds": Metric(
        "gauge",
        "When a tick last did all that was due (Unix time), of an earlier process too; on a new ledger, until one has, "
        "when it was taken",
    ),
    "dsr_sync_ticks": Metric("counter", "Ticks by result: succeeded, or the reason why not", ("result",)),
    "dsr_sync_submissions": Metric("counter", "Submissions by result", ("result",)),
    "dsr_sync_api_requests": Metric("counter", "Calls to the services", ("api", "method", "code")),
    "dsr_sync_api_request_duration_seconds": Metric("histogram", "Duration of the calls to the services", ("api",)),
    "dsr_sync_api_quota_remaining": Metric(
        "gauge", "What is left of a service's monthly quota, as it last said", ("api", "kind")
    ),
    "dsr_sync_build": Metric("info", "What is running", ("version",)),
}
"""Every metric of ours. What speaks of the ledger or of ticks is NaN, or absent if it has labels, before the first tick
of a process and from when it stands by. The `process_…` ones (memory, CPU, open files) are the client library's."""


class Metrics:
    """All metrics of one process, in a registry of their own. Safe to use from any thread."""

    def __init__(self) -> None:
        self.registry = CollectorRegistry()
        self._seen: set[str] = set()
        self._gauges = {
            name: Gauge(name, metric.means, metric.labels, registry=self.registry)
            for name, metric in METRICS.items()
            if metric.kind == "gauge"
        }
        self._counters = {
            name: Counter(name, metric.means, metric.labels, registry=self.registry)
            for name, metric in METRICS.items()
            if metric.kind == "counter"
        }
        durations = "dsr_sync_api_request_duration_seconds"
        self._durations = Histogram(
            durations, METRICS[durations].means, METRICS[durations].labels, buckets=_SECONDS, registry=self.registry
        )
        self._build = Info("dsr_sync_build", METRICS["dsr_sync_build"].means, registry=self.registry)
        ProcessCollector(registry=self.registry)
        self.stands_by()

    def leads(self, last_success: datetime | None = None) -> None:
        """This process does the work. The last tick that did all that was due was at this (aware) time, if given."""
        self._gauges[_LEADER].set(1)
        if last_success is not None:
            self._gauges[_LAST_SUCCESS].set(last_success.timestamp())

    def let_go(self) -> None:
        """This process has no ledger to work with, and knows nothing but when a tick last succeeded."""
        self._gauges[_LEADER].set(0)
        for name in _OF_LEDGER:
            self._gauges[name].set(_UNKNOWN)
        for name in _OF_LEDGER_BY_LABEL:
            self._gauges[name].clear()

    def stands_by(self) -> None:
        """Another process does the work, or none yet. Whether ticks succeed is no longer ours to say."""
        self.let_go()
        self._gauges[_LAST_SUCCESS].set(_UNKNOWN)

    def summary(self, standing: Standing) -> None:
        """Take over what the ledger says now."""
        by_state = self._gauges["dsr_sync_requests"]
        by_state.clear()
        for state, count in standing.by_state.items():
            by_state.labels(self._label(state)).set(count)
        for within, count in standing.due.items():
            self._gauges["dsr_sync_requests_due"].labels(self._label(within)).set(count)
        remaining = standing.deadline_remaining_seconds
        values = (
            standing.oldest_open_seconds or 0,
            _UNKNOWN if remaining is None else remaining,
            standing.unsettled,
            standing.owed,
            standing.open_follow_ups,
        )
        for name, value in zip(_OF_LEDGER, values, strict=True):
            self._gauges[name].set(value)

    def submission(self, result: str, count: int = 1) -> None:
        """Some submissions came to this result, such as `accepted`, `refused`, `unknown`."""
        self._counters["dsr_sync_submissions"].labels(self._label(result)).inc(count)

    def api_call(self, api: str, method: str, code: int | str, seconds: float) -> None:
        """A call was made; `code` is the HTTP status, or a fixed word where no answer came."""
        labels = self._label(api), self._label(method), self._label(str(code))
        self._counters["dsr_sync_api_requests"].labels(*labels).inc()
        self._durations.labels(labels[0]).observe(seconds)

    def quota(self, category: str, remaining: float) -> None:
        """Segment said how much of this month's quota is left, by category of regulation."""
        self._gauges["dsr_sync_api_quota_remaining"].labels("segment", self._label(category)).set(remaining)

    def tick_succeeded(self, at: datetime) -> None:
        """A tick did all that was due, at this (aware) time."""
        self._counters["dsr_sync_ticks"].labels("succeeded").inc()
        self._gauges[_LAST_SUCCESS].set(at.timestamp())

    def tick_failed(self, reason: str) -> None:
        """A tick could not do all that was due; `reason` is one of a few fixed words, such as a service's name."""
        self._counters["dsr_sync_ticks"].labels(self._label(reason)).inc()

    def build_info(self, version: str) -> None:
        """What is running."""
        self._build.info({"version": self._label(version)})

    def exposition(self) -> bytes:
        """All metrics in the Prometheus text format."""
        return generate_latest(self.registry)

    def _label(self, value: str) -> str:
        """A label as it is, if it looks like a fixed word; `other` if not, or if there are too many already."""
        if value in self._seen:
            return value
        if not _LABEL.fullmatch(value) or len(self._seen) >= _MOST_LABELS:
            return "other"
        self._seen.add(value)
        return value
