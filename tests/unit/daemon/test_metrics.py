import math
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from prometheus_client.parser import text_string_to_metric_families

from dsr_sync.daemon.metrics import METRICS, Metrics, Standing

NOTHING = Standing({}, None, 0, 0, 0, None)


def values(metrics: Metrics) -> dict[str, float]:
    """Every sample by its name and labels, read as a scraper would."""
    families = text_string_to_metric_families(metrics.exposition().decode())
    return {shown(sample.name, sample.labels): sample.value for family in families for sample in family.samples}


def shown(name: str, labels: dict[str, str]) -> str:
    """A sample's name, with the values of its labels in the order of their names."""
    return f"{name}{{{','.join(labels[label] for label in sorted(labels))}}}" if labels else name


def test_the_ledger_in_numbers() -> None:
    metrics = Metrics()
    metrics.summary(Standing({"accepted": 3, "on hold": 1}, 90.5, 2, 4, 5, -3600))
    seen = values(metrics)
    assert seen["dsr_sync_requests{accepted}"] == 3
    assert seen["dsr_sync_requests{on hold}"] == 1
    assert seen["dsr_sync_oldest_unsubmitted_seconds"] == 90.5
    assert seen["dsr_sync_ambiguous_requests"] == 2
    assert seen["dsr_sync_write_backs_owed"] == 4
    assert seen["dsr_sync_open_follow_ups"] == 5
    assert seen["dsr_sync_deadline_remaining_seconds"] == -3600


def test_the_requests_that_are_due_soon_fall_back_to_none() -> None:
    metrics = Metrics()
    for counts in ({"overdue": 1, "3d": 2, "7d": 3}, {"overdue": 0, "3d": 0, "7d": 3}):
        metrics.summary(replace(NOTHING, due=counts))
    seen = values(metrics)
    assert [seen[f"dsr_sync_requests_due{{{within}}}"] for within in ("overdue", "3d", "7d")] == [0, 0, 3]


def test_a_state_that_is_no_more_is_shown_no_more() -> None:
    metrics = Metrics()
    metrics.summary(Standing({"accepted": 3}, 1, 0, 0, 0, 1))
    metrics.summary(NOTHING)
    seen = values(metrics)
    assert "dsr_sync_requests{accepted}" not in seen
    assert seen["dsr_sync_oldest_unsubmitted_seconds"] == 0
    assert math.isnan(seen["dsr_sync_deadline_remaining_seconds"])


def test_ticks_are_counted_by_result_and_the_last_success_has_its_time() -> None:
    metrics = Metrics()
    assert math.isnan(values(metrics)["dsr_sync_poll_last_success_timestamp_seconds"])
    moment = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
    metrics.tick_succeeded(moment)
    metrics.tick_failed("airtable")
    metrics.tick_failed("airtable")
    seen = values(metrics)
    assert seen["dsr_sync_ticks_total{succeeded}"] == 1
    assert seen["dsr_sync_ticks_total{airtable}"] == 2
    assert seen["dsr_sync_poll_last_success_timestamp_seconds"] == moment.timestamp()


def at_work() -> Metrics:
    """The metrics of a process that leads, has ticked, and has something to tell in each gauge."""
    metrics = Metrics()
    metrics.leads()
    metrics.summary(Standing({"accepted": 3}, 90, 2, 4, 5, 3600, due={"overdue": 1}))
    metrics.quota("Segment and destinations", 109_000)
    metrics.tick_succeeded(datetime(2026, 5, 3, 14, 5, tzinfo=UTC))
    return metrics


def gauges(metrics: Metrics) -> dict[str, float]:
    """Every sample of a gauge of ours that speaks of more than who leads."""
    names = {name for name, metric in METRICS.items() if metric.kind == "gauge"} - {"dsr_sync_leader"}
    return {shown: value for shown, value in values(metrics).items() if shown.partition("{")[0] in names}


def test_before_the_first_tick_no_gauge_can_set_off_an_alert() -> None:
    metrics = Metrics()
    assert values(metrics)["dsr_sync_leader"] == 0
    assert gauges(metrics)
    assert [name for name, value in gauges(metrics).items() if not math.isnan(value)] == []


def test_from_when_a_process_stands_by_no_gauge_can_set_off_an_alert_until_its_next_tick() -> None:
    metrics = at_work()
    before = gauges(metrics)
    assert len(before) == 9
    assert [name for name, value in before.items() if math.isnan(value)] == []
    metrics.stands_by()
    assert values(metrics)["dsr_sync_leader"] == 0
    assert [name for name, value in gauges(metrics).items() if not math.isnan(value)] == []
    metrics.leads()
    metrics.summary(NOTHING)
    seen = values(metrics)
    assert (seen["dsr_sync_leader"], seen["dsr_sync_ambiguous_requests"]) == (1, 0)


def test_a_process_that_cannot_use_the_ledger_leads_no_more_but_says_when_a_tick_last_succeeded() -> None:
    metrics = at_work()
    metrics.let_go()
    known = {name: value for name, value in gauges(metrics).items() if not math.isnan(value)}
    moment = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
    assert known == {"dsr_sync_poll_last_success_timestamp_seconds": moment.timestamp()}
    assert values(metrics)["dsr_sync_leader"] == 0


def test_a_process_that_takes_over_says_when_a_tick_of_the_former_one_last_succeeded() -> None:
    metrics = Metrics()
    moment = datetime(2026, 5, 3, 14, 5, tzinfo=UTC)
    metrics.leads(moment)
    assert values(metrics)["dsr_sync_leader"] == 1
    assert values(metrics)["dsr_sync_poll_last_success_timestamp_seconds"] == moment.timestamp()


def test_calls_are_counted_and_timed() -> None:
    metrics = Metrics()
    metrics.api_call("airtable", "GET", 200, 0.3)
    metrics.api_call("airtable", "PATCH", "timeout", 10)
    metrics.quota("Segment and destinations", 109_000)
    metrics.submission("accepted", 2)
    seen = values(metrics)
    assert seen["dsr_sync_api_requests_total{airtable,200,GET}"] == 1
    assert seen["dsr_sync_api_requests_total{airtable,timeout,PATCH}"] == 1
    assert seen["dsr_sync_api_request_duration_seconds_count{airtable}"] == 2
    assert seen["dsr_sync_api_request_duration_seconds_bucket{airtable,0.5}"] == 1
    assert seen["dsr_sync_api_quota_remaining{segment,Segment and destinations}"] == 109_000
    assert seen["dsr_sync_submissions_total{accepted}"] == 2


def test_the_build_says_its_version() -> None:
    metrics = Metrics()
    metrics.build_info("0.1.0")
    assert values(metrics)["dsr_sync_build_info{0.1.0}"] == 1


@pytest.mark.parametrize("marker", ["jane.doe@example.org", "+49 170 1234567", "a\nb", "x" * 99, "", "/users/jane"])
def test_what_does_not_look_like_a_fixed_word_is_no_label(marker: str) -> None:
    metrics = Metrics()
    metrics.summary(Standing({marker: 1}, 1, 0, 0, 0, 1))
    metrics.submission(marker)
    metrics.api_call(marker, marker, marker, 1)
    metrics.quota(marker, 1)
    metrics.tick_failed(marker)
    labels = {
        label
        for family in text_string_to_metric_families(metrics.exposition().decode())
        for sample in family.samples
        for name, label in sample.labels.items()
        if name != "le"
    }
    assert labels == {"other", "segment"}


def test_however_many_words_there_are_the_number_of_series_is_bounded() -> None:
    metrics = Metrics()
    for number in range(5000):
        metrics.submission(f"word {number}")
        metrics.tick_failed(f"word {number}")
    assert len(values(metrics)) < 1000


def test_in_ordinary_work_there_are_few_series() -> None:
    metrics = Metrics()
    for api in ("airtable", "segment", "profiles"):
        for method in ("GET", "POST", "PATCH"):
            for code in (200, 401, 403, 404, 422, 429, 500, 502, 503, "timeout"):
                metrics.api_call(api, method, code, 0.1)
    assert len(values(metrics)) < 300


def test_every_declared_metric_is_exposed_under_its_name() -> None:
    metrics = Metrics()
    text = metrics.exposition().decode()
    for name in METRICS:
        assert f"# HELP {name}" in text


def test_two_sets_of_metrics_do_not_get_into_each_others_way() -> None:
    first, second = Metrics(), Metrics()
    first.submission("accepted")
    assert "dsr_sync_submissions_total{accepted}" not in values(second)
