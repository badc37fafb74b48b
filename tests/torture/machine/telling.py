"""How Hypothesis is made to tell stories that are worth hearing."""

from collections.abc import Sequence

from hypothesis import HealthCheck, Phase, settings
from hypothesis import seed as seeded
from hypothesis.stateful import run_state_machine_as_test
from tests.torture.machine.rules import Promises

_CALM = (HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large)


def tell(machine: type[Promises], stories: int, steps: int, *, seed: int, phases: Sequence[Phase]) -> None:
    """Tell so many stories; the same seed tells the same ones. Raises AssertionError with the shortest that fails."""
    told = settings(
        max_examples=stories,
        stateful_step_count=steps,
        deadline=None,
        database=None,
        suppress_health_check=_CALM,
        phases=phases,
    )
    # Left to itself, Hypothesis begins with many stories of no step at all.
    run_state_machine_as_test(seeded(seed)(machine), settings=told, _min_steps=steps // 2)
