"""An error that nobody foresaw ends a tick: /readyz says so, and is well again after the next good one."""

import httpx
import pytest
from tests.e2e.house import House
from tests.e2e.process import until

from dsr_sync import bootstrap
from dsr_sync.engine.tick import Engine
from dsr_sync.engine.world import TickReport


def test_a_tick_that_ends_in_an_unforeseen_error_is_not_ready_until_the_next_good_one(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    good, odd = Engine.tick, [False]

    def tick(engine: Engine) -> TickReport:
        if odd[0]:
            raise OverflowError("date value out of range")
        return good(engine)

    monkeypatch.setattr(Engine, "tick", tick)
    names = {name: value for name, value in house.env().items() if name.startswith("DSR_SYNC_")}
    service = bootstrap.daemon(bootstrap.settings_from(None, names))

    def page() -> tuple[int, dict[str, object]]:
        answer = httpx.get(f"http://127.0.0.1:{service.port}/readyz", timeout=10)
        return answer.status_code, answer.json()

    ready = (200, {"state": "ready", "about": []})
    with service.in_background():
        until(lambda: page() == ready, "the daemon is ready")
        odd[0] = True
        until(lambda: page()[0] == 503, "the error is noticed")
        assert page() == (503, {"state": "failing", "about": ["OverflowError"]})
        odd[0] = False
        until(lambda: page() == ready, "the next good tick says so")
