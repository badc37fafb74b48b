"""Regulations that Segment cannot answer about."""

import pytest
from tests.unit.engine.conftest import Bench

from dsr_sync.core.model import Regulation, RegulationId
from dsr_sync.ports import Permanent, PortError, Transient

REFUSED = Permanent("segment", "the request is malformed", 400)
BROKEN = Transient("segment", "server error", 500)
ODD = pytest.mark.parametrize(
    "odd", [REFUSED, BROKEN, Transient("segment", "answered oddly", 200)], ids=["a 4xx", "a 5xx", "not understood"]
)


class Stuck:
    """Segment cannot answer about some regulations."""

    def __init__(self, bench: Bench, about: set[RegulationId], error: PortError) -> None:
        self._fetch, self._about, self._error = bench.segment.fetch, about, error
        self.asked = 0

    def __call__(self, regulation_id: RegulationId) -> Regulation | None:
        self.asked += 1
        if regulation_id in self._about:
            raise self._error
        return self._fetch(regulation_id)
