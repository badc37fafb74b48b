"""The line to Airtable: pyairtable for its words, our wire for the transport, one pace for all calls of a base."""

import io
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, field
from datetime import timedelta
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import urlsplit

import requests
from pyairtable import Api
from pyairtable.api.types import UpdateRecordDict
from pyairtable.formulas import Formula
from requests.adapters import BaseAdapter
from requests.structures import CaseInsensitiveDict

from dsr_sync.adapters.airtable import refusals
from dsr_sync.adapters.airtable.paging import paged
from dsr_sync.adapters.airtable.refusals import SERVICE, Json
from dsr_sync.adapters.airtable.schema import Metadata, Names
from dsr_sync.adapters.wire import (
    Answer,
    Call,
    Guard,
    Lockout,
    NoAnswer,
    NotSent,
    Observer,
    Oversized,
    Pace,
    TooLarge,
    Wire,
    bearer,
    retry_after,
)
from dsr_sync.ports import Clock, Transient

BATCH: Final = 10
"""Records per writing call (the limit of years; newer pages of Airtable's docs name none)."""


@dataclass(frozen=True, slots=True)
class AirtableOptions:
    """How to reach the base. Its repr hides the token.

    `requests_per_second` for the whole base (Airtable: 5). `lockout_seconds` is the least pause after a 429 (Airtable:
    30). `deadline_seconds` is the longest that one call may take in all. `schema_seconds` is how long the reading of
    the base's columns is trusted.
    """

    token: str = field(repr=False)
    base_id: str
    endpoint_url: str
    names: Names = field(default_factory=Names)
    requests_per_second: float = 4.5
    lockout_seconds: float = 30.0
    deadline_seconds: float = 30.0
    schema_seconds: float = 300.0
    observe: Observer | None = field(default=None, repr=False)
    guard: Guard = field(default=nullcontext, repr=False)


class AirtableLine:
    """Calls one base, one at a time. Every method raises Transient or Permanent, as `refusals` says."""

    def __init__(self, options: AirtableOptions, clock: Clock) -> None:
        self._base_id = options.base_id
        self._doorman = _Doorman(options, clock)
        # The token stays with the doorman; no retries, because only the engine knows what may be repeated and when.
        self._api = Api("", endpoint_url=options.endpoint_url, retry_strategy=None, use_field_ids=True)
        self._api.session = _session(self._doorman)

    def tables(self) -> list[Metadata]:
        """The base's tables with their columns. Needs the scope schema.bases:read."""
        found = self._api.get(self._api.base(self._base_id).urls.tables)
        tables = found.get("tables")
        if not isinstance(tables, list) or not all(_is_table(table) for table in tables):
            raise refusals.not_understood()
        return tables

    def pages(self, table: str, columns: Sequence[str], formula: Formula | None) -> Iterator[list[Json]]:
        """Pages of records with these columns (ids), keyed by id, as `paging` says. Each page is one call.

        Raises Transient also when Airtable gives the same offset twice: then the list would never end.
        """
        urls = self._api.table(self._base_id, table).urls
        fallback = ("post", str(urls.records_post))

        def ask(size: int, offset: str | None) -> Json:
            options: dict[str, Any] = {"page_size": size, "fields": list(columns), "use_field_ids": True}
            if formula is not None:
                options["formula"] = str(formula)
            if offset is not None:
                options["offset"] = offset
            return self._api.request("get", urls.records, fallback=fallback, options=options)

        return paged(ask)

    def update(self, table: str, records: Sequence[UpdateRecordDict]) -> None:
        """Change cells of at most `BATCH` records: `{"id", "fields"}`, keyed by column id."""
        with _understood():
            self._api.table(self._base_id, table).batch_update(records, use_field_ids=True)

    def upsert(self, table: str, records: Sequence[UpdateRecordDict], key: str) -> None:
        """Change records that carry an `id`, and change or make the others by their column `key` (an id)."""
        given = [dict(record) for record in records]
        with _understood():
            self._api.table(self._base_id, table).batch_upsert(given, [key], use_field_ids=True)

    def make_table(self, name: str, columns: Sequence[dict[str, Any]]) -> None:
        """Make a table. Needs the scope schema.bases:write."""
        self._api.post(self._api.base(self._base_id).urls.tables, json={"name": name, "fields": list(columns)})

    def make_column(self, table: str, column: dict[str, Any]) -> None:
        """Make a column. Needs the scope schema.bases:write."""
        self._api.post(self._api.table(self._base_id, table).urls.fields, json=column)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._api.session.close()


class _Doorman(BaseAdapter):
    """Carries what requests would send over our wire, and lets nothing but a JSON object of a success back in.

    Errors leave here as the port's, so that pyairtable never makes one that holds a URL.
    """

    def __init__(self, options: AirtableOptions, clock: Clock) -> None:
        super().__init__()
        self._options = options
        self._clock = clock
        self._wire = Wire(clock, options.deadline_seconds, options.observe, options.guard)
        self._lockout = Lockout(clock)
        self._pace = Pace(SERVICE, options.requests_per_second, clock, self._lockout)

    def send(self, request: requests.PreparedRequest, *_: object, **__: object) -> requests.Response:
        """Make the call; what requests says besides, of timeouts, certificates and proxies, does not count here."""
        scope = _scope(str(request.method), str(request.url))
        answer = self._exchange(self._call(request, scope))
        if not HTTPStatus.OK <= answer.status < HTTPStatus.MULTIPLE_CHOICES:
            raise refusals.refusal(answer, scope, self._pause(answer))
        if not isinstance(refusals.content(answer), dict):
            raise refusals.not_understood(answer.status)
        return _as_response(request, answer)

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def _call(self, request: requests.PreparedRequest, scope: str) -> Call:
        authorization = bearer(self._options.token)
        if authorization is None:
            raise refusals.unsendable_token(scope)
        headers = {"Accept": "application/json", "Authorization": authorization}
        body = request.body or b""
        if body:
            headers["Content-Type"] = "application/json"
        raw = body.encode() if isinstance(body, str) else bytes(body)
        return Call(str(request.method), str(request.url), headers, raw)

    def _exchange(self, call: Call) -> Answer:
        with self._pace.turn():
            try:
                return self._wire.send(call)
            except Oversized as failure:
                raise TooLarge(SERVICE, str(failure)) from None
            except (NotSent, NoAnswer) as failure:
                raise Transient(SERVICE, str(failure)) from None

    def _pause(self, answer: Answer) -> timedelta | None:
        asked = retry_after(answer.headers, self._clock.now())
        if not refusals.locks_out(answer):
            return asked
        pause = max(asked or timedelta(0), timedelta(seconds=self._options.lockout_seconds))
        self._lockout.impose(pause.total_seconds())
        return pause


@contextmanager
def _understood() -> Iterator[None]:
    # pyairtable checks the shape of what comes back, and its complaint holds the cells.
    try:
        yield
    except (KeyError, TypeError, ValueError):
        problem = refusals.not_understood()
    else:
        return
    raise problem


def _session(doorman: _Doorman) -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.mount("https://", doorman)
    session.mount("http://", doorman)
    return session


def _as_response(request: requests.PreparedRequest, answer: Answer) -> requests.Response:
    response = requests.Response()
    response.status_code = answer.status
    response.headers = CaseInsensitiveDict(answer.headers)
    response.raw = io.BytesIO(answer.body)
    response.encoding = "utf-8"
    response.url = str(request.url)
    response.request = request
    return response


def _scope(method: str, url: str) -> str:
    path = urlsplit(url).path
    writes = method != "GET" and not path.endswith("/listRecords")
    return f"{'schema.bases' if '/v0/meta/' in path else 'data.records'}:{'write' if writes else 'read'}"


def _is_table(table: Json) -> bool:
    fields = table.get("fields") if isinstance(table, dict) else None
    return isinstance(fields, list) and _has_texts(table, "id", "name") and all(map(_is_column, fields))


def _is_column(column: Json) -> bool:
    return isinstance(column, dict) and _has_texts(column, "id", "name", "type")


def _has_texts(thing: Mapping[str, Json], *names: str) -> bool:
    return all(isinstance(thing.get(name), str) for name in names)
