"""What a setting says of itself, and the forms that its value may take."""

import ipaddress
import re
from dataclasses import dataclass
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, Field, SecretStr

from dsr_sync.core.policy import SHORTEST_KEY


@dataclass(frozen=True, slots=True)
class Says:
    """The documentation of one setting, beside its type.

    `means` is one line with the unit and the reason; `should_be` is what an error says. Neither ever quotes a value,
    so no error can show a secret.
    """

    means: str
    should_be: str


def _token(value: SecretStr) -> SecretStr:
    """A token goes into a header, so white space in it is a mistake of copying."""
    if not re.fullmatch(r"[!-~]+", value.get_secret_value()):
        raise ValueError
    return value


def _endpoint(value: str) -> str:
    """Plain http would send the token in the clear, so only a loopback address may use it."""
    parts = urlsplit(value)
    host = parts.hostname or ""
    secure = parts.scheme == "https" or (parts.scheme == "http" and _loopback(host))
    if not host or not secure or parts.username or parts.query or parts.fragment or parts.port == 0:
        raise ValueError
    return value.rstrip("/")


def _loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _key(value: SecretStr) -> SecretStr:
    secret = value.get_secret_value()
    if len(secret.encode()) < SHORTEST_KEY or not secret.strip():
        raise ValueError
    return value


def _ledger_url(value: SecretStr) -> SecretStr:
    """Options of SQLite's own, such as a cache shared between processes, would change what a commit means."""
    url = value.get_secret_value()
    sqlite = url.startswith("sqlite:///") and url != "sqlite:///" and ":memory:" not in url and "?" not in url
    postgresql = url.startswith(("postgresql://", "postgresql+psycopg://"))
    if not (sqlite or postgresql):
        raise ValueError
    return value


def _comparable(word: str) -> str:
    """Protected words are compared trimmed and without case."""
    comparable = word.strip().casefold()
    if not comparable:
        raise ValueError
    return comparable


Token = Annotated[SecretStr, AfterValidator(_token)]
Key = Annotated[SecretStr, AfterValidator(_key)]
Endpoint = Annotated[str, AfterValidator(_endpoint)]
LedgerUrl = Annotated[SecretStr, AfterValidator(_ledger_url)]
Word = Annotated[str, AfterValidator(_comparable)]
BaseId = Annotated[str, Field(pattern=r"^app[A-Za-z0-9]{14}$")]
SpaceId = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]+$")]
Name = Annotated[str, Field(min_length=1, max_length=255)]
Positive = Annotated[float, Field(gt=0)]
NotNegative = Annotated[float, Field(ge=0)]

A_TOKEN = "the token, without any white space"  # noqa: S105 - words about a token
AN_ENDPOINT = (
    "an https:// address without a query (http:// only for this machine itself, such as http://127.0.0.1:8080)"
)
A_NAME = "a name, or a fld… id"
