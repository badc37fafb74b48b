"""The Profile API: who a person is, looked up by one of their external ids."""

import base64
import binascii
import json
import re
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from starlette.requests import Request
from starlette.responses import Response

from dsr_sandbox.clock import SandboxClock, rfc3339
from dsr_sandbox.ids import IdFactory
from dsr_sandbox.segment.limits import Meter, SegmentLimits
from dsr_sandbox.segment.workspace import Workspace

SPACE_ID = "spa_sandbox"
TOKEN = "profile_sandbox"  # noqa: S105 - opens nothing but the sandbox

_MAX_LIMIT = {"external_ids": 100, "traits": 200}
_DEFAULT_LIMIT = {"external_ids": 25, "traits": 10}
_PATH = re.compile(
    rb"/v1/spaces/([^/]+)/collections/users/profiles/([^/:]+):([^/]+)/(external_ids|traits|metadata)", re.ASCII
)
_PROPERLY_ENCODED = re.compile(r"(?:[A-Za-z0-9._~-]|%[0-9A-Fa-f]{2})+")


@dataclass(frozen=True, slots=True)
class Profile:
    """One person: external ids as (type, id), and traits."""

    external_ids: tuple[tuple[str, str], ...]
    traits: dict[str, Any] = field(default_factory=dict)
    source_id: str = ""

    @classmethod
    def from_json(cls, wanted: dict[str, Any], source_id: str) -> "Profile":
        """A profile as the control plane takes it: `{"external_ids": [{"type", "id"}], "traits"?: {…}}`.

        Raises:
            KeyError: a member is missing.
        """
        ids = tuple((external["type"], external["id"]) for external in wanted["external_ids"])
        return cls(ids, wanted.get("traits", {}), source_id)

    def to_json(self) -> dict[str, Any]:
        """The profile as the control plane takes it."""
        return {
            "external_ids": [{"type": kind, "id": value} for kind, value in self.external_ids],
            "traits": self.traits,
        }


class Refused(Exception):
    """An answer with `error`, singular, unlike the Public API."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(status)
        self.status = status
        self.code = code
        self.message = message

    def response(self) -> Response:
        """The answer on the wire (segment-docs unify, profile API errors)."""
        body = json.dumps({"error": {"code": self.code, "message": self.message}})
        return Response(body, self.status, media_type="application/json")


class ProfileService:
    """Answers lookups under `/v1/spaces/…`; `tokens` holds the access tokens of the one space."""

    def __init__(self, clock: SandboxClock, ids: IdFactory, workspace: Workspace, limits: SegmentLimits) -> None:
        self._clock = clock
        self._ids = ids
        self._workspace = workspace
        self.space_id = SPACE_ID
        self.reset(limits)

    def reset(self, limits: SegmentLimits) -> None:
        """Back to the beginning: no profiles, the default token."""
        self._limits = limits
        self.meter = Meter(self._clock)
        self.tokens = {TOKEN}
        self.profiles: list[Profile] = []

    def put(self, profiles: list[dict[str, Any]]) -> None:
        """Replace all profiles.

        Raises:
            KeyError: a member is missing.
        """
        source_id = next(iter(self._workspace.sources))
        self.profiles = [Profile.from_json(wanted, source_id) for wanted in profiles]

    async def answer(self, request: Request) -> Response:
        """The answer to any request under `/v1/spaces/`; every one carries a Request-Id (profile API docs)."""
        try:
            response = self._answer(request)
        except Refused as refused:
            response = refused.response()
        response.headers["Request-Id"] = self._ids.segment()
        return response

    def _answer(self, request: Request) -> Response:
        self._authorize(request)
        if self._limits.enforced and self.meter.wait(self._limits.profiles_per_second, 1.0):
            raise Refused(429, "rate_limit_error", "Too many requests. Please slow down.")
        self.meter.add()
        found = _PATH.fullmatch(request.scope["raw_path"])
        if request.method != "GET" or not found:
            raise Refused(404, "not_found", "The resource was not found.")
        space, kind, value, what = (part.decode("ascii") for part in found.groups())
        if space != self.space_id:
            raise Refused(404, "not_found", "The space was not found.")
        profile = self._find(kind, value)
        content = self._metadata(profile) if what == "metadata" else self._page(request, profile, what)
        return Response(json.dumps(content, ensure_ascii=False), media_type="application/json")

    def _authorize(self, request: Request) -> None:
        # The access token is the user name, the password is blank (segment-docs unify, profile API authentication).
        scheme, _, encoded = request.headers.get("authorization", "").partition(" ")
        try:
            user, _, password = base64.b64decode(encoded, validate=True).decode().partition(":")
        except (binascii.Error, UnicodeDecodeError):
            user, password = "", ""
        if scheme.lower() != "basic" or user not in self.tokens or password:
            raise Refused(401, "authentication_error", "The provided access token is invalid.")

    def _find(self, kind: str, value: str) -> Profile:
        # "Unescaped non-alphanumerics may give 500" and upper case "won't return any profiles" (profile API docs).
        if not _PROPERLY_ENCODED.fullmatch(value):
            raise Refused(500, "internal_error", "Something went wrong.")
        wanted = unquote(value)
        for profile in self._known():
            if any(kind == known and wanted == stored.lower() for known, stored in profile.external_ids):
                return profile
        raise Refused(404, "not_found", "Profile was not found.")

    def _known(self) -> list[Profile]:
        # After a deletion the user id can no longer be resolved (segment-docs unify, GDPR); that a profile with
        # several user ids lasts until all of them are deleted is assumed.
        deleted = self._workspace.deleted_subjects()
        return [profile for profile in self.profiles if not _gone(profile, deleted)]

    def _page(self, request: Request, profile: Profile, what: str) -> dict[str, Any]:
        include = {name for name in request.query_params.get("include", "").split(",") if name}
        entries = self._external_ids(profile) if what == "external_ids" else list(profile.traits.items())
        chosen = [entry for entry in entries if not include or _name(entry) in include]
        start, limit = _start(request), min(_limit(request, what), self._limits.profiles_page)
        shown = chosen[start : start + limit]
        cursor: dict[str, Any] = {"url": request.url.path, "has_more": start + limit < len(chosen)}
        cursor["next"] = f"map_{start + limit:027d}" if cursor["has_more"] else ""
        cursor["limit"] = limit
        if what == "traits":
            return {"traits": dict(shown), "cursor": cursor}
        return {"data": shown, "cursor": cursor}

    def _external_ids(self, profile: Profile) -> list[Any]:
        made = rfc3339(self._clock.now(), 6)
        return [
            {
                "source_id": profile.source_id,
                "collection": "users",
                "id": value,
                "type": kind,
                "created_at": made,
                "encoding": "none",
                "first_message_id": f"message-{kind}-{position}",
            }
            for position, (kind, value) in enumerate(profile.external_ids)
        ]

    def _metadata(self, profile: Profile) -> dict[str, Any]:
        made = rfc3339(self._clock.now(), 6)
        message = {"first_message_id": "message-first", "last_message_id": "message-last"}
        source = {"first_source_id": profile.source_id, "last_source_id": profile.source_id}
        return {"metadata": {"created_at": made, "updated_at": made, "expires_at": None, **message, **source}}


def _name(entry: dict[str, Any] | tuple[str, Any]) -> str:
    return str(entry["type"]) if isinstance(entry, dict) else entry[0]


def _gone(profile: Profile, deleted: set[str]) -> bool:
    user_ids = {value for kind, value in profile.external_ids if kind == "user_id"}
    return bool(user_ids) and user_ids <= deleted


def _limit(request: Request, what: str) -> int:
    text = request.query_params.get("limit", str(_DEFAULT_LIMIT[what]))
    if not re.fullmatch(r"\d{1,3}", text) or not 1 <= int(text) <= _MAX_LIMIT[what]:
        raise Refused(400, "validation_error", f"limit must be a number from 1 to {_MAX_LIMIT[what]}.")
    return int(text)


def _start(request: Request) -> int:
    cursor = request.query_params.get("next", "")
    found = re.fullmatch(r"map_(\d{27})", cursor)
    if cursor and not found:
        raise Refused(400, "validation_error", "next is not a cursor of this query.")
    return int(found[1]) if found else 0
