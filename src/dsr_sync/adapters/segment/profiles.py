"""The port IdentityDirectory over Segment's Profile API (segment-docs, unify/profile-api)."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Any, Final
from urllib.parse import quote, urlencode

from dsr_sync.adapters.segment.line import content
from dsr_sync.adapters.wire import Answer, Call, Lockout, NoAnswer, NotSent, Observer, Pace, Wire, retry_after
from dsr_sync.core.model import Identifier
from dsr_sync.ports import Clock, Permanent, PortError, TokenRefused, Transient

SERVICE: Final = "profiles"
SETTING: Final = "segment.profiles.token"

_PAGE = 100  # the most that the general section of the documentation names
_MOST_PAGES = 20
_ENOUGH = 100  # user ids; no one person has as many, so a longer list need not be read to its end
_PER_SECOND = 50.0  # half of what a space allows (100 requests per second)
_NOBODY = "nobody@example.invalid"


@dataclass(frozen=True, slots=True)
class ProfileOptions:
    """How to reach the profiles of one space. Its repr hides the token."""

    space_id: str
    endpoint_url: str
    token: str = field(repr=False)
    deadline_seconds: float = 10.0
    observe: Observer | None = field(default=None, repr=False)


class ProfileDirectory:
    """Keeps the promise of `dsr_sync.ports.IdentityDirectory`. For one thread.

    The address has to stand in the path (there is no other way to ask), so no error of this module holds a URL.
    """

    def __init__(self, options: ProfileOptions, clock: Clock) -> None:
        self._options = options
        self._clock = clock
        self._wire = Wire(clock, options.deadline_seconds, options.observe)
        self._lockout = Lockout(clock)
        self._pace = Pace(SERVICE, _PER_SECOND, clock, self._lockout)

    def user_ids(self, email: Identifier) -> tuple[Identifier, ...] | None:
        """Every user id of the profile with this address, pages followed; None for a profile that is not there.

        The address is lower-cased for the look-up, because any other spelling finds nothing, and percent-encoded
        whole, because unescaped characters may be answered with a 500. The user ids are as Segment has them, white
        space included. Of more than 100, some may be left out.

        Raises:
            Transient: unreachable, 429, 5xx, not understood, or a list without an end.
            Permanent: refused (4xx); TokenRefused for 401 and 403.
        """
        found: dict[Identifier, None] = {}
        for page in self._pages(email):
            if page is None:
                return None
            found |= dict.fromkeys(Identifier(user_id) for user_id in page)
            if len(found) > _ENOUGH:
                break
        return tuple(found)

    def check(self) -> None:
        """Ask for an address that nobody can have, which shows that the space and its token are right.

        Raises:
            Transient, Permanent: as for `user_ids`.
        """
        self.user_ids(Identifier.typed(_NOBODY))

    def close(self) -> None:
        """Close the connections that are kept."""
        self._wire.close()

    def _pages(self, email: Identifier) -> Iterator[list[str] | None]:
        after: str | None = None
        for _ in range(_MOST_PAGES):
            answer = self._ask(email, after)
            if answer.status == HTTPStatus.NOT_FOUND and _is_no_profile(answer):
                yield None
                return
            if answer.status != HTTPStatus.OK:
                raise self._refusal(answer)
            page, after = _understood(answer)
            yield page
            if after is None:
                return
        raise Transient(SERVICE, "listing did not end")

    def _ask(self, email: Identifier, after: str | None) -> Answer:
        value = quote(email.reveal().lower(), safe="")
        query = {"include": "user_id", "limit": str(_PAGE)} | ({} if after is None else {"next": after})
        space = quote(self._options.space_id, safe="")
        path = f"/v1/spaces/{space}/collections/users/profiles/email:{value}/external_ids?{urlencode(query)}"
        basic = base64.b64encode(f"{self._options.token}:".encode()).decode()
        headers = {"Accept": "application/json", "Authorization": f"Basic {basic}"}
        with self._pace.turn():
            try:
                return self._wire.send(Call("GET", self._options.endpoint_url.rstrip("/") + path, headers))
            except (NotSent, NoAnswer) as failure:
                raise Transient(SERVICE, str(failure)) from None

    def _refusal(self, answer: Answer) -> PortError:
        status = answer.status
        if status in (HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN):
            return TokenRefused(SERVICE, "the token is refused", status, SETTING, "read access to the profiles")
        if status == HTTPStatus.TOO_MANY_REQUESTS:
            pause = retry_after(answer.headers, self._clock.now())
            self._lockout.impose(pause.total_seconds() if pause else 1.0)
            return Transient(SERVICE, "too many requests", status, pause)
        if status == HTTPStatus.NOT_FOUND and not _error(answer):
            return Transient(SERVICE, "the answer cannot be understood", status)  # a proxy's page
        if HTTPStatus.BAD_REQUEST <= status < HTTPStatus.INTERNAL_SERVER_ERROR:
            return Permanent(SERVICE, "not found" if status == HTTPStatus.NOT_FOUND else "refused", status)
        return Transient(SERVICE, "server error", status)


def _understood(answer: Answer) -> tuple[list[str], str | None]:
    """The user ids of a page, and where the next begins. Raises Transient if anything of it is not as documented."""
    page = content(answer)
    try:
        user_ids = [_user_id(entry) for entry in page["data"] if entry["type"] == "user_id"]
        cursor = page["cursor"]
        return user_ids, _text(cursor["next"]) if cursor["has_more"] else None
    except (KeyError, TypeError, ValueError):
        raise Transient(SERVICE, "the answer cannot be understood", answer.status) from None


def _user_id(entry: dict[str, Any]) -> str:
    # Documented: "encoding": "none". Another one would be another text than the id.
    if entry.get("encoding", "none") != "none":
        raise ValueError
    return _text(entry["id"])


def _text(value: object) -> str:
    if not isinstance(value, str) or not value:
        raise ValueError
    return value


def _is_no_profile(answer: Answer) -> bool:
    """Whether it is the API itself that knows no such profile, and not a wrong space or a proxy's page.

    Documented: `{"error": {"code": "not_found", "message": "Profile was not found."}}`. What it says of a space that
    does not exist is not documented; staff must not be told for that reason that Segment knows nobody.
    """
    error = _error(answer)
    return error.get("code") == "not_found" and "profile" in str(error.get("message", "")).lower()


def _error(answer: Answer) -> dict[str, Any]:
    """What the API says is wrong; empty if it is not the API that speaks."""
    said = content(answer)
    error = said.get("error") if isinstance(said, dict) else None
    return error if isinstance(error, dict) else {}
