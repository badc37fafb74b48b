"""What may be kept of real traffic: no token, no person, no id of anybody's base or workspace."""

import json
import re
from typing import Any
from urllib.parse import parse_qsl, urlencode, urlsplit, urlunsplit

MARK = "Cassette"
_AIRTABLE_ID = re.compile(r"(?<![A-Za-z0-9])(app|tbl|fld|viw|rec|sel|usr|itr)([A-Za-z0-9]{14})(?![A-Za-z0-9])")
_SEGMENT_ID = re.compile(r"(?<![A-Za-z0-9])([A-Za-z0-9]{27}|[A-Za-z0-9]{22})(?![A-Za-z0-9])")
_SPACE = re.compile(r"(?<=/spaces/)[^/]+")
_HARMLESS = re.compile(r"[A-Z_]+|[\d:.TZ-]+|\d+ of \d+ sources? finished")
_WORDS = frozenset(
    {
        "Delete", "Suppress", "Unsuppress", "GDPR", "CCPA", "Other", "Needs attention", "On hold", "Submitted",
        "In progress", "Follow-up needed", "Completed", "Failed", "Waiting", "Running", "Finished", "Partly finished",
        "Not supported", "Invalid", "Needed", "Done", "",
    }
)  # fmt: skip
_KEPT_HEADERS = ("content-type", "x-ratelimit-consumed", "x-ratelimit-remaining", "x-ratelimit-reset")


class Scrubber:
    """Puts made-up ids and texts in the place of real ones.

    Within one cassette the same become the same, numbered in the order in which they appear. What it made up itself,
    it leaves alone, so that a replayed request matches.
    """

    def __init__(self, host: str) -> None:
        self._host = host
        self._ids: dict[str, str] = {}
        self._made: dict[str, int] = {}

    def request(self, request: Any) -> Any:
        """A request of vcrpy's as it is kept, and compared."""
        parts = urlsplit(request.uri)
        query = urlencode([(name, self._text(value)) for name, value in parse_qsl(parts.query)])
        request.uri = urlunsplit(("https", self._host, self._text(parts.path), query, ""))
        request.headers = {"content-type": "application/json"} if request.body else {}
        if request.body:
            request.body = self._body(request.body)
        return request

    def response(self, response: dict[str, Any]) -> dict[str, Any]:
        """An answer of vcrpy's as it is kept."""
        headers = {name.lower(): values for name, values in response["headers"].items()}
        kept = {name: headers[name] for name in _KEPT_HEADERS if name in headers}
        return response | {"headers": kept, "body": {"string": self._body(response["body"]["string"])}}

    def _body(self, body: bytes) -> bytes:
        return self._text(json.dumps(self._without_people(json.loads(body)), ensure_ascii=False)).encode()

    def _without_people(self, value: Any, *, within: str = "") -> Any:
        if isinstance(value, dict):
            return {name: self._without_people(each, within=_place(name, each, within)) for name, each in value.items()}
        if isinstance(value, list):
            return [self._without_people(each, within=within) for each in value]
        if isinstance(value, str) and within and not _is_harmless(value):
            return self._made_up(value, "text", f"A {MARK.lower()} text ")
        return value

    def _text(self, text: str) -> str:
        named = _AIRTABLE_ID.sub(lambda found: self._airtable_id(found[1], found[0]), _SPACE.sub("spa_cassette", text))
        return _SEGMENT_ID.sub(lambda found: self._segment_id(found[0]), named)

    def _airtable_id(self, kind: str, found: str) -> str:
        return found if found[3:].startswith(MARK) else self._made_up(found, kind, kind + MARK, 6)

    def _segment_id(self, found: str) -> str:
        # An ordinary word of this length holds no digit; every id does, with near certainty.
        if found.startswith(MARK) or not any(character.isdigit() for character in found):
            return found
        return self._made_up(found, str(len(found)), MARK, len(found) - len(MARK))

    def _made_up(self, real: str, kind: str, start: str, digits: int = 1) -> str:
        if real not in self._ids:
            self._made[kind] = self._made.get(kind, 0) + 1
            self._ids[real] = f"{start}{self._made[kind]:0{digits}d}"
        return self._ids[real]


def _place(name: str, value: Any, within: str) -> str:
    """Where people are: in the cells of a record, among the subjects, and in what a workspace is called."""
    cells = name == "fields" and isinstance(value, dict)
    return name if cells or name in ("subjects", "subjectIds", "workspace", "errString") else within


def _is_harmless(text: str) -> bool:
    known = text in _WORDS or MARK.lower() in text.lower()
    return known or _HARMLESS.fullmatch(text) is not None or bool(_AIRTABLE_ID.search(text) or _SEGMENT_ID.search(text))
