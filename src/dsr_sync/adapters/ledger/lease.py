"""PostgreSQL: a lease row says which process may write, after the leader election of River (riverqueue/river).

The row's times are the database's; trust in the lease is counted by the holder's own monotonic clock, from before the
database was asked, and ends a margin before the row expires. Every election raises the epoch by one, and every writing
transaction checks and locks it, so that a holder who slept through its lease can write nothing any more.
"""

from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Connection,
    Engine,
    Executable,
    Update,
    cast,
    func,
    literal,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import insert

from dsr_sync.adapters.ledger.engines import for_writing
from dsr_sync.adapters.ledger.failures import translated
from dsr_sync.adapters.ledger.tables import leases
from dsr_sync.ports import Occupied

_MICROSECONDS = 1_000_000


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """How long a lease lasts, in seconds, and the margin by which trust in it ends earlier.

    `holder` names the process in the row, for people who look; nothing depends on it.
    """

    seconds: float = 15.0
    margin: float = 1.0
    holder: str = ""


class Lease:
    """The right to write to one pipeline of a PostgreSQL ledger."""

    def __init__(self, engine: Engine, pipeline: str, terms: LeaseTerms, monotonic: Callable[[], float]) -> None:
        self._engine = engine
        self._pipeline = pipeline
        self._terms = terms
        self._monotonic = monotonic
        self._epoch: int | None = None
        self._trusted_until = 0.0

    @property
    def epoch(self) -> int | None:
        """The number of this term, or None without the lease."""
        return self._epoch

    def hold(self) -> None:
        """Take the lease, or renew it. Raises Occupied while another process has it, and Transient.

        A renewal of a lease that somebody else has taken raises Occupied once; the next call competes anew.
        """
        started = self._monotonic()
        with translated(), self._engine.connect() as connection, for_writing(connection).begin():
            statement = self._election() if self._epoch is None else self._renewal(self._epoch)
            epoch = connection.execute(statement).scalar_one_or_none()
        self._epoch = epoch
        if epoch is None:
            self._trusted_until = 0.0
            raise Occupied("ledger", "another process holds the ledger")
        # An answer that took long makes the trust shorter, never longer.
        self._trusted_until = started + self._terms.seconds - self._terms.margin

    def release(self) -> None:
        """Resign, so that another process can take over at once. Only this very term is ended. Raises Transient."""
        epoch, self._epoch, self._trusted_until = self._epoch, None, 0.0
        if epoch is not None:
            with translated(), self._engine.connect() as connection, for_writing(connection).begin():
                connection.execute(self._mine(epoch).values(expires_at=_now(), holder=""))

    def confirm(self, connection: Connection) -> None:
        """Check the epoch, and keep it from changing before the transaction ends. Raises Occupied."""
        mine = select(leases.c.epoch).where(leases.c.pipeline == self._pipeline, leases.c.epoch == self._epoch)
        if self._epoch is None or connection.execute(mine.with_for_update(read=True)).first() is None:
            self._trusted_until = 0.0
            raise Occupied("ledger", "another process has taken over")

    def trusted_for(self) -> float:
        """Seconds for which nobody else can have taken over."""
        return self._trusted_until - self._monotonic() if self._epoch is not None else 0.0

    def _election(self) -> Executable:
        """Take a lease that nobody has or whose time has run out."""
        wish = insert(leases).values(
            pipeline=self._pipeline, holder=self._terms.holder, epoch=1, expires_at=self._expiry()
        )
        return wish.on_conflict_do_update(
            index_elements=[leases.c.pipeline],
            set_={"holder": wish.excluded.holder, "epoch": leases.c.epoch + 1, "expires_at": wish.excluded.expires_at},
            where=leases.c.expires_at <= _now(),
        ).returning(leases.c.epoch)

    def _renewal(self, epoch: int) -> Executable:
        return self._mine(epoch).values(expires_at=self._expiry()).returning(leases.c.epoch)

    def _mine(self, epoch: int) -> Update:
        return update(leases).where(leases.c.pipeline == self._pipeline, leases.c.epoch == epoch)

    def _expiry(self) -> ColumnElement[int]:
        return _now() + literal(int(self._terms.seconds * _MICROSECONDS), BigInteger)


def _now() -> ColumnElement[int]:
    """The database's own time in microseconds, as it passes and not as it was when the transaction began."""
    return cast(func.floor(func.extract("epoch", func.clock_timestamp()) * _MICROSECONDS), BigInteger)
