"""Faults that change a list instead of replacing it: late, empty, with a page missing, without an end."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from dsr_sandbox.exchange import Answer

_LISTS = {"regulations": "createdAt", "records": "createdTime", "suppressed": "", "data": "created_at"}
"""The member that holds a list's entries, and the member of an entry that tells its age."""

_SAME_OFFSET = "itrSandboxForever/recSandboxForever"
_SAME_CURSOR = "MjAw"

Content = dict[str, Any]


def tampered(kind: str, answer: Answer, now: datetime, params: dict[str, Any]) -> Answer:
    """The answer with its list changed as the fault `kind` says; answers without a list are left alone."""
    content = answer.json()
    if not isinstance(content, dict) or "error" in content or "errors" in content:
        return answer
    holder = content["data"] if isinstance(content.get("data"), dict) else content
    name = next((name for name in _LISTS if isinstance(holder.get(name), list)), None)
    if name is None:
        return answer
    if kind == "late_list":
        _hide_younger(holder, name, now - timedelta(seconds=params["seconds"]))
    else:
        CHANGES[kind](holder, name)
    return answer.with_json(content)


def _hide_younger(holder: Content, name: str, than: datetime) -> None:
    born = _LISTS[name]
    holder[name] = [entry for entry in holder[name] if not born or datetime.fromisoformat(entry[born]) <= than]


def _empty(holder: Content, name: str) -> None:
    holder[name] = []
    holder.pop("offset", None)
    if "pagination" in holder:
        holder["pagination"].pop("next", None)
    if "cursor" in holder:
        holder["cursor"] |= {"has_more": False, "next": ""}


def _lose_page(holder: Content, name: str) -> None:
    holder[name] = []


def _never_end(holder: Content, _: str) -> None:
    if "pagination" in holder:
        holder["pagination"]["next"] = _SAME_CURSOR
    elif "cursor" in holder:
        holder["cursor"] |= {"has_more": True, "next": _SAME_CURSOR}
    else:
        holder["offset"] = _SAME_OFFSET


CHANGES: dict[str, Callable[[Content, str], None]] = {
    "empty_list": _empty,
    "missing_page": _lose_page,
    "same_offset_forever": _never_end,
}
TAMPERING = frozenset(CHANGES) | {"late_list"}
