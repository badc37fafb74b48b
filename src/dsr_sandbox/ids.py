"""Identifiers in the shapes that the real services use."""

import random  # noqa: TID251 - this module is the only door to chance of the sandbox
import string
import threading
from datetime import datetime

_ALPHANUMERICS = string.digits + string.ascii_uppercase + string.ascii_lowercase
_KSUID_EPOCH = 1_400_000_000
_KSUID_LENGTH = 27
_KSUID_RANDOM_BITS = 128


class IdFactory:
    """Makes ids; with a seed the same ones in the same order, without one different at every start."""

    def __init__(self, seed: int | None = None) -> None:
        self._lock = threading.Lock()
        self._chance = random.Random(seed)  # noqa: S311 - ids of an emulator, no secrets

    def airtable(self, prefix: str) -> str:
        """An Airtable id: a prefix of three letters (`rec`, `fld`, `tbl` …) and 14 alphanumerics, 17 characters."""
        return prefix + self.token(14)

    def regulation(self, at: datetime) -> str:
        """A regulation's id: a KSUID, 27 characters that sort by their second of creation.

        That Segment's ids are KSUIDs is assumed from the official examples (`1qJkfE1tpwvQcklImGksLN629wn`).
        """
        with self._lock:
            payload = self._chance.getrandbits(_KSUID_RANDOM_BITS)
        seconds = int(at.timestamp()) - _KSUID_EPOCH
        return _base62((seconds << _KSUID_RANDOM_BITS) | payload).rjust(_KSUID_LENGTH, "0")

    def segment(self) -> str:
        """An id of a source, destination or workspace: 22 alphanumerics, as `qQEHquLrjRDN9j1ByrChyn`."""
        return self.token(22)

    def token(self, length: int) -> str:
        """`length` random alphanumerics."""
        with self._lock:
            return "".join(self._chance.choices(_ALPHANUMERICS, k=length))


def _base62(number: int) -> str:
    digits = ""
    while number:
        number, rest = divmod(number, len(_ALPHANUMERICS))
        digits = _ALPHANUMERICS[rest] + digits
    return digits
