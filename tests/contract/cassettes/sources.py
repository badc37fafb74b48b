"""Where cassettes are recorded from: the sandbox, or the real services where their tokens are given."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from dsr_sandbox import Sandbox
from dsr_sync.settings.model import AIRTABLE_URL, PROFILES_URLS, SEGMENT_URLS

URLS = {"airtable": AIRTABLE_URL, "segment": SEGMENT_URLS["us"], "profiles": PROFILES_URLS["us"]}
START = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
SEED = 7


@dataclass(frozen=True)
class Source:
    """One service to talk to. `name` is what the cassette says it was recorded from."""

    name: str
    url: str
    token: str = field(repr=False)
    base_id: str = ""
    space_id: str = ""
    sandbox: Sandbox | None = None


def replayed(service: str) -> Source:
    """No service at all: what the cassette was scrubbed to."""
    return Source("a cassette", URLS[service], "replayed", "appCassette000001", "spa_cassette")


@contextmanager
def real_or_sandbox(service: str) -> Iterator[Source]:
    """The real service if its token is in the environment, else a sandbox that is the same at every start.

    A live base must be a scratch one as `dsr-sync setup-base` makes it, without rows; what only a person can take away
    again (the table `Cassette receipts`, the columns `Cassette hold` and `Cassette status`) must be gone before the
    next recording. A live workspace gets regulations about the user id `cassette-person`. A live Profile space must
    know the address `cassette-person@example.com`, with the user ids `cassette-person` and `cassette-person-2`.
    """
    live = _live(service)
    if live is not None:
        yield live
        return
    with frozen_sandbox() as sandbox:
        yield from_sandbox(sandbox, service)


@contextmanager
def frozen_sandbox() -> Iterator[Sandbox]:
    """A sandbox whose ids and times are the same at every start."""
    sandbox = Sandbox(seed=SEED)
    sandbox.clock.freeze()
    sandbox.clock._epoch = START - timedelta(seconds=sandbox.clock.monotonic())
    sandbox.reset()
    sandbox.airtable.limits.enforced = False
    with sandbox:
        yield sandbox


def from_sandbox(sandbox: Sandbox, service: str) -> Source:
    """One service of a started sandbox."""
    name = f"the sandbox (seed {SEED})"
    if service == "airtable":
        return Source(name, sandbox.airtable_url, sandbox.airtable_token, sandbox.base_id, sandbox=sandbox)
    if service == "profiles":
        token, space_id = sandbox.profiles_token, sandbox.profiles_space_id
        return Source(name, sandbox.segment_url, token, sandbox=sandbox, space_id=space_id)
    return Source(name, sandbox.segment_url, sandbox.segment_token, sandbox=sandbox)


def _live(service: str) -> Source | None:
    token = os.environ.get(f"DSR_LIVE_{service.upper()}_TOKEN")
    if not token:
        return None
    if service == "airtable":
        return Source("Airtable", AIRTABLE_URL, token, os.environ["DSR_LIVE_AIRTABLE_BASE_ID"])
    if service == "profiles":
        url = os.environ.get("DSR_LIVE_PROFILES_ENDPOINT_URL", URLS[service])
        return Source("Segment", url, token, space_id=os.environ["DSR_LIVE_PROFILES_SPACE_ID"])
    return Source("Segment", os.environ.get("DSR_LIVE_SEGMENT_ENDPOINT_URL", SEGMENT_URLS["us"]), token)
