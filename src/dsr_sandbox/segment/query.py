"""Query parameters in every form that the documentation and the official clients put on the wire."""

import base64
import binascii
import json
import re
from dataclasses import dataclass
from typing import Any

from dsr_sandbox.segment.answers import Problem, invalid
from dsr_sandbox.segment.model import STATUSES

DEFAULT_COUNT = 200
MAX_COUNT = 1000

Pairs = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Page:
    """What a list call asks for: `count` entries from what `cursor` stands for; None is the start."""

    count: int = DEFAULT_COUNT
    cursor: str | None = None


def page_of(pairs: Pairs) -> Page:
    """The pagination: 200 entries without one, 1 to 1000 with one (Public API docs, pagination).

    Raises:
        Refusal: 422; that `count` is required inside a pagination is documented, the `field` of the error is assumed.
    """
    wanted = _object(pairs, "pagination")
    if not wanted:
        return Page()
    if "count" not in wanted:
        raise invalid(Problem('"pagination.count" is required', "pagination.count"))
    text = str(wanted["count"])
    if not re.fullmatch(r"-?\d+", text):
        raise invalid(Problem('"pagination.count" must be a number', "pagination.count"))
    if not 1 <= int(text) <= MAX_COUNT:
        bound = "larger than or equal to 1" if int(text) < 1 else f"less than or equal to {MAX_COUNT}"
        raise invalid(Problem(f'"pagination.count" must be {bound}', "pagination.count"))
    return Page(int(text), str(wanted["cursor"]) if wanted.get("cursor") else None)


def status_of(pairs: Pairs) -> str | None:
    """The `status` filter.

    Raises:
        Refusal: 422 for a word outside the seven (assumed).
    """
    status = dict(pairs).get("status")
    if status is not None and status not in STATUSES:
        raise invalid(Problem(one_of("status", STATUSES), "status"))
    return status


def types_of(pairs: Pairs, allowed: tuple[str, ...]) -> set[str]:
    """The `regulationTypes` filter; empty means all.

    Raises:
        Refusal: 422 for a type that the endpoint does not know (assumed).
    """
    types = _array(pairs, "regulationTypes")
    for position, name in enumerate(types):
        if name not in allowed:
            field = f"regulationTypes[{position}]"
            raise invalid(Problem(one_of(field, allowed), field))
    return set(types)


def one_of(field: str, allowed: tuple[str, ...]) -> str:
    """Joi's words for a value outside an enumeration."""
    return f'"{field}" must be one of [{", ".join(allowed)}]'


def encode_cursor(plain: str) -> str:
    """A cursor is base64 of something that only the service understands: `MA==` is "0"."""
    return base64.b64encode(plain.encode()).decode()


def decode_cursor(cursor: str | None, pattern: str) -> str | None:
    """What a cursor stands for, if it matches `pattern`; None for None.

    Raises:
        Refusal: 422 for anything that this service did not hand out (assumed).
    """
    if cursor is None:
        return None
    try:
        plain = base64.b64decode(cursor, validate=True).decode()
    except (binascii.Error, UnicodeDecodeError):
        plain = ""
    if not re.fullmatch(pattern, plain):
        raise invalid(Problem('"pagination.cursor" is invalid', "pagination.cursor"))
    return plain


def _object(pairs: Pairs, name: str) -> dict[str, Any]:
    # `name.key=` (docs, Java, C#), `name[key]=` (TypeScript, Go), `name={"key": …}` (Python)
    found: dict[str, Any] = {}
    for key, value in pairs:
        member = re.fullmatch(rf"{name}(?:\.(\w+)|\[(\w+)\])", key)
        if member:
            found[member[1] or member[2]] = value
        elif key == name:
            found |= _json_object(name, value)
    return found


def _json_object(name: str, value: str) -> dict[str, Any]:
    try:
        parsed = json.loads(value)
    except ValueError:
        parsed = None
    if not isinstance(parsed, dict):
        raise invalid(Problem(f'"{name}" must be of type object', name))
    return parsed


def _array(pairs: Pairs, name: str) -> list[str]:
    # `name=A&name=B` (docs, Java, C#, Python), `name[0]=A` (TypeScript), `name.0=A` (Go), `name[]=A`
    return [value for key, value in pairs if re.fullmatch(rf"{name}(?:\[\d*\]|\.\d+)?", key)]
