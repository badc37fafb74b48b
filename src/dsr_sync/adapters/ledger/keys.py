"""The keyed hash: the only form in which the ledger knows a person.

A plain hash of an e-mail address is undone in minutes by trying addresses. With a key that is kept apart from the
ledger, the ledger alone gives nobody away.
"""

import hashlib
import hmac
import os
import secrets  # noqa: TID251 - the one allowed place: the key file of the ledger
from pathlib import Path

from dsr_sync.core.model import Identifier, SubjectKey
from dsr_sync.core.policy import SHORTEST_KEY
from dsr_sync.ports import LedgerUnusable

_FRESH_BYTES = 32


class KeyedHash:
    """HMAC-SHA256 of identifiers, with a key that is different for every pipeline. Neither key nor input is shown."""

    def __init__(self, key: bytes, pipeline: str) -> None:
        if len(key) < SHORTEST_KEY:
            raise LedgerUnusable("ledger", f"the key is shorter than {SHORTEST_KEY} bytes")
        self._subjects = _derived(key, "subject", pipeline)
        self._check = _derived(key, "check", pipeline)

    def of(self, identifier: Identifier) -> SubjectKey:
        """The keyed hash, 64 hexadecimal characters; equal for equal identifiers."""
        # A lone surrogate can come out of JSON; it is refused later, but must not stop the others here.
        text = identifier.reveal().encode("utf-8", "surrogatepass")
        return SubjectKey(hmac.new(self._subjects, text, hashlib.sha256).hexdigest())

    def check_value(self) -> str:
        """What is kept in the ledger to recognise the key by; it gives nothing of the key away."""
        return self._check.hex()

    def __repr__(self) -> str:
        """Hide the keys."""
        return "KeyedHash([key])"


def read_key_file(path: Path) -> bytes | None:
    """The key in a key file, or None if there is no such file. Raises LedgerUnusable if it cannot be read."""
    try:
        return path.read_bytes().strip()
    except FileNotFoundError:
        return None
    except OSError:
        raise LedgerUnusable("ledger", "the key file cannot be read") from None


def make_key_file(path: Path) -> bytes:
    """Make a key file (mode 0600) with 32 bytes of chance in hexadecimal, durable before it is used; returns the key.

    It gets its name when it is whole: a crash must not leave half a key, with which no ledger can be opened again.
    Raises LedgerUnusable if it cannot be written, or is there already. One process at a time: the ledger is locked.
    """
    key = secrets.token_hex(_FRESH_BYTES).encode()
    unfinished = path.with_name(path.name + ".new")
    try:
        if path.exists():
            raise FileExistsError
        unfinished.unlink(missing_ok=True)
        descriptor = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key + b"\n")
            file.flush()
            os.fsync(file.fileno())
        unfinished.rename(path)
        _sync_folder(path.parent)
    except OSError:
        raise LedgerUnusable("ledger", "the key file cannot be written") from None
    return key


def throw_away_key() -> bytes:
    """A key for a ledger that is empty and will not be kept."""
    return secrets.token_bytes(_FRESH_BYTES)


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _derived(key: bytes, purpose: str, pipeline: str) -> bytes:
    return hmac.new(key, f"dsr-sync/ledger/{purpose}/{pipeline}".encode(), hashlib.sha256).digest()
