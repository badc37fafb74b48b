"""One HTTP call: what is asked, what is answered, and the two ways in which there is no answer."""

import zlib
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field

import httpx

from dsr_sync.adapters.wire.network import Deadline, DeadlineTransport
from dsr_sync.ports import Clock, Transient

MOST_BYTES = 10 * 1024 * 1024
"""An answer is read up to this size, compressed and uncompressed."""

Observer = Callable[[str, int | None, float], None]
"""Told of each call: its method, the status of its answer (None if there was none), and its seconds."""

Guard = Callable[[], AbstractContextManager[None]]
"""Surrounds each call."""

_LARGE = 64 * 1024
# Bytes. Of an answer that was late, so much had come: then it was long on its way because it is large. A service that
# stalls gives less, and is not asked for the same again in smaller pieces.

_GZIP = 16 + zlib.MAX_WBITS
_CONNECT_SECONDS = 10.0
_NOT_IN_TIME = "no complete answer in time"
_LATE = (httpx.TimeoutException, TimeoutError)
_CERTAINLY_NOT_SENT = (
    httpx.ConnectError,  # DNS, refused, TLS
    httpx.ConnectTimeout,
    httpx.PoolTimeout,
    httpx.UnsupportedProtocol,
    httpx.LocalProtocolError,  # a header that cannot be written; nothing left
)


@dataclass(frozen=True, slots=True)
class Call:
    """A request. Its repr shows the method alone: the rest may hold a token or a person's identifier."""

    method: str
    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(default=b"", repr=False)


@dataclass(frozen=True, slots=True)
class Answer:
    """A complete answer of any status; header names are in lower case. Its repr shows the status alone."""

    status: int
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)


class NotSent(Exception):
    """The request certainly never reached the service; the text is a fixed phrase."""


class NoAnswer(Exception):
    """There is no complete answer, and the request may have taken effect; the text is a fixed phrase."""


class Oversized(NoAnswer):
    """The answer is more than can be taken: larger than `MOST_BYTES`, or a large one that was not through in time."""


class TooLarge(Transient):
    """The adapters' own word for an answer that is more than can be taken: one about less may be taken."""


class _Unreadable(Exception):
    """The body cannot be used: too large, compressed in a way that nobody asked for, or cut short."""


class _TooMuch(_Unreadable):
    """The body is more than can be taken."""


class Wire:
    """Makes calls, each within `seconds` in all. Redirects are answers like others; nothing is ever repeated."""

    def __init__(
        self, clock: Clock, seconds: float = 30.0, observe: Observer | None = None, guard: Guard = nullcontext
    ) -> None:
        self._guard = guard
        self._clock = clock
        self._seconds = seconds
        self._observe = observe
        self._deadline = Deadline(clock)
        self._client = httpx.Client(
            transport=DeadlineTransport(self._deadline),
            trust_env=False,
            follow_redirects=False,
            timeout=httpx.Timeout(seconds, connect=min(_CONNECT_SECONDS, seconds)),
            headers={"Accept-Encoding": "gzip", "User-Agent": "dsr-sync"},
        )

    def send(self, call: Call) -> Answer:
        """Send it once and read the whole answer.

        Raises:
            NotSent: DNS, refused, TLS or no connection in time.
            NoAnswer: cut, late, truncated or not HTTP.
            Oversized: larger than `MOST_BYTES`, or late because it is large.
            Whatever the guard raises, which surrounds every call; then nothing was sent.
        """
        began = self._clock.monotonic()
        with self._guard():
            outcome = self._attempt(call)
        if self._observe is not None:
            status = None if isinstance(outcome, Exception) else outcome.status
            self._observe(call.method, status, self._clock.monotonic() - began)
        if isinstance(outcome, Exception):
            raise outcome  # outside the handler: the library's error, which may hold a URL, does not travel along
        return outcome

    def close(self) -> None:
        """Close the connections that are kept for the next call."""
        self._client.close()

    def _attempt(self, call: Call) -> Answer | NotSent | NoAnswer:
        self._deadline.start(self._seconds)
        try:
            return self._exchange(call)
        except _CERTAINLY_NOT_SENT as error:
            return NotSent(_why_not_sent(error))
        except (httpx.InvalidURL, UnicodeError):
            return NotSent("a request that cannot be written")
        except _LATE:
            return NoAnswer(_NOT_IN_TIME)
        except _Unreadable as error:
            return Oversized(str(error)) if isinstance(error, _TooMuch) else NoAnswer(str(error))
        except httpx.HTTPError:
            return NoAnswer("connection broken")

    def _exchange(self, call: Call) -> Answer:
        headers = dict(call.headers)
        with self._client.stream(call.method, call.url, headers=headers, content=call.body or None) as response:
            return Answer(response.status_code, dict(response.headers), _body(response))


def bearer(token: str) -> str | None:
    """The value of the Authorization header; None if the token holds what no header can (a line end, say)."""
    clean = token.isascii() and token.isprintable() and " " not in token and bool(token)
    return f"Bearer {token}" if clean else None


def _why_not_sent(error: httpx.HTTPError) -> str:
    if isinstance(error, httpx.ConnectError):
        return str(error)  # a phrase of `network`
    if isinstance(error, httpx.ConnectTimeout | httpx.PoolTimeout):
        return "no connection in time"
    return "a request that cannot be written"


def _body(response: httpx.Response) -> bytes:
    encoding = response.headers.get("content-encoding", "identity").lower()
    if encoding == "gzip":
        return _gunzipped(response)
    if encoding != "identity":
        raise _Unreadable("compressed in an unknown way")
    body = bytearray()
    for piece in _pieces(response):
        body += piece
        _check_size(len(body))
    return bytes(body)


def _pieces(response: httpx.Response) -> Iterator[bytes]:
    read = 0
    try:
        for piece in response.iter_raw():
            read += len(piece)
            yield piece
    except _LATE:
        if read < _LARGE:
            raise
        raise _TooMuch(_NOT_IN_TIME) from None


def _gunzipped(response: httpx.Response) -> bytes:
    # Not httpx's own decoder: it unpacks a whole piece at once, and 64 kB can hold 64 MB.
    unpacker, body, packed = zlib.decompressobj(_GZIP), bytearray(), 0
    try:
        for piece in _pieces(response):
            packed += len(piece)
            body += unpacker.decompress(piece, MOST_BYTES + 1 - len(body))
            _check_size(max(packed, len(body)))
    except zlib.error:
        raise _Unreadable("compressed badly") from None
    if packed and not unpacker.eof:
        raise _Unreadable("cut short")
    return bytes(body)


def _check_size(size: int) -> None:
    if size > MOST_BYTES:
        raise _TooMuch("larger than an answer may be")
