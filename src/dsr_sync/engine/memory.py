"""What an engine keeps from tick to tick, and may lose: everything that counts is in the ledger."""

from dataclasses import dataclass, field

from dsr_sync.engine.listing import Strangers
from dsr_sync.engine.lookup import Lookups


@dataclass(slots=True)
class Memory:
    """Segment's unaccounted regulations, the addresses that lead nowhere, and the ledger's height after a tick."""

    strangers: Strangers = field(default_factory=Strangers)
    lookups: Lookups = field(default_factory=Lookups)
    height: int = 0
