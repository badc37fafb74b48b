"""One request with its whole body, and the answer of an application to it."""

import json
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import format_datetime
from typing import Any
from urllib.parse import parse_qsl

from starlette.types import ASGIApp, Message, Receive, Scope, Send

Json = Any
"""What JSON turns into: checked by those who know what it should be."""

_PAGING = frozenset({"offset", "pagination.cursor", "pagination[cursor]", "next"})


class Disconnected(Exception):
    """The client went away before its request was complete."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A whole answer. Header names are lower case."""

    status: int
    headers: tuple[tuple[bytes, bytes], ...]
    body: bytes

    @classmethod
    def of_json(cls, status: int, content: object, headers: dict[str, str] | None = None) -> "Answer":
        """An answer with a JSON body."""
        body = json.dumps(content).encode()
        return cls.of(status, "application/json; charset=utf-8", body, headers)

    @classmethod
    def of(cls, status: int, media_type: str, body: bytes, headers: dict[str, str] | None = None) -> "Answer":
        """An answer with any body."""
        named = {"content-type": media_type, "content-length": str(len(body))} | (headers or {})
        return cls(status, tuple((name.lower().encode(), value.encode()) for name, value in named.items()), body)

    def dated(self, now: datetime) -> "Answer":
        """The same answer with a Date header of the sandbox's time."""
        return replace(self, headers=(*self.headers, (b"date", format_datetime(now, usegmt=True).encode())))

    def json(self) -> Json:
        """The body as JSON, None if it is none."""
        return parsed(self.body)

    def with_json(self, content: object) -> "Answer":
        """The same answer with another body; its length is corrected."""
        body = json.dumps(content, ensure_ascii=False).encode()
        kept = [(name, value) for name, value in self.headers if name != b"content-length"]
        return replace(self, headers=(*kept, (b"content-length", str(len(body)).encode())), body=body)


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request that has arrived in full at one of the services."""

    service: str
    scope: Scope
    body: bytes

    @property
    def method(self) -> str:
        """The HTTP method."""
        return str(self.scope["method"])

    @property
    def path(self) -> str:
        """The path as sent, still percent-encoded."""
        return bytes(self.scope["raw_path"]).decode("ascii")

    @property
    def query(self) -> str:
        """The query as sent, without its question mark."""
        return bytes(self.scope["query_string"]).decode("ascii")

    @property
    def headers(self) -> dict[str, str]:
        """The headers by lower-case name; of repeated ones the last."""
        return {name.decode("latin-1"): value.decode("latin-1") for name, value in self.scope["headers"]}

    @property
    def pages_on(self) -> bool:
        """True if the request asks for more than the first page of a list."""
        return self._cursor_in_query() or bool(self._cursor_in_body())

    def from_the_start(self) -> "Exchange":
        """The same request for the first page."""
        kept = [pair for pair in self.query.split("&") if not _names_a_page(pair)]
        body = self.body
        if self._cursor_in_body():
            body = json.dumps({name: value for name, value in parsed(body).items() if name != "offset"}).encode()
        return replace(self, scope={**self.scope, "query_string": "&".join(kept).encode()}, body=body)

    async def answer_of(self, app: ASGIApp) -> Answer:
        """What `app` answers."""
        started: dict[str, Any] = {}
        chunks: list[bytes] = []
        unread = [self.body]

        async def receive() -> Message:
            return {"type": "http.request", "body": unread.pop()} if unread else {"type": "http.disconnect"}

        async def send(message: Message) -> None:
            if message["type"] == "http.response.start":
                started.update(message)
            else:
                chunks.append(message.get("body", b""))

        await app(dict(self.scope), receive, send)
        return Answer(started["status"], tuple(started["headers"]), b"".join(chunks))

    def _cursor_in_query(self) -> bool:
        return any(_names_a_page(pair) for pair in self.query.split("&"))

    def _cursor_in_body(self) -> bool:
        content = parsed(self.body) if self.body else None
        return isinstance(content, dict) and bool(content.get("offset"))


async def read_exchange(service: str, scope: Scope, receive: Receive) -> Exchange:
    """Wait for the whole request.

    Raises:
        Disconnected: the client went away first.
    """
    body = b""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            raise Disconnected
        body += message.get("body", b"")
        if not message.get("more_body", False):
            return Exchange(service, scope, body)


async def send_answer(answer: Answer, send: Send) -> None:
    """Send a whole answer at once."""
    await send({"type": "http.response.start", "status": answer.status, "headers": list(answer.headers)})
    await send({"type": "http.response.body", "body": answer.body})


def parsed(body: bytes) -> Json:
    """JSON if the bytes are some, else None."""
    try:
        return json.loads(body)
    except ValueError:
        return None


def _names_a_page(pair: str) -> bool:
    for name, value in parse_qsl(pair):
        if name in _PAGING:
            return True
        content = parsed(value.encode()) if name == "pagination" else None
        return isinstance(content, dict) and bool(content.get("cursor"))
    return False
