"""Canaries: texts that stand nowhere else, put where persons' data and secrets are, and looked for everywhere else."""

import base64
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from urllib.parse import quote

_CORE = "q8Zk3v"


@dataclass(frozen=True, slots=True)
class Canary:
    """One canary: where it was put, and its text. `core` is the part that survives quoting, escaping and folding."""

    place: str
    text: str
    core: str

    def forms(self) -> Iterator[bytes]:
        """The texts that give it away: as it is, in UTF-16, in hexadecimal, and in base64 wherever it begins."""
        plain = self.core.encode()
        yield plain.lower()
        yield self.core.lower().encode("utf-16-le")
        yield plain.hex().encode()
        for offset in range(3):
            # What stands before and after changes the outer characters only; the inner ones are always the same.
            yield base64.b64encode(b"x" * offset + plain)[4:-4].lower()


def canary(place: str, form: str = "{}") -> Canary:
    """A canary for a place; `form` says how it looks there."""
    core = f"{_CORE}{place.title().replace(' ', '').replace('-', '')}"
    return Canary(place, form.format(core), core)


USER_ID = canary("user id", "user-{}-0001")
SHARED = canary("shared user id", "user-{}-0002")
UNTOUCHED = canary("never authenticated", "user-{}-0003")
EMAIL = canary("e-mail", "{}.person@mail.example.org")
BEHIND_EMAIL = canary("user id behind an e-mail", "user-{}-0004")
HIDDEN = canary("with a character that cannot be seen", "user-{}\u200b-0005")
LONG = canary("too long", "user-{}-" + "9" * 300)
REFUSED = canary("refused by segment", "user-{}-0006")
RENAMED = canary("renamed afterwards", "user-{}-0007")
LETTERS = Canary("user id of letters", "ZaphodQvxkBeeble", "ZaphodQvxkBeeble")
LOCAL = Canary("local part of an address", "quillaqvxkmoss@mail.example.org", "quillaqvxkmoss")
AT_A_VENDOR = Canary("name that a vendor knows", "Trilqvxklian", "Trilqvxklian")
NOTE = canary("status note", "Please call {} on +49 170 5550199")
REGULATION = canary("regulation id", "{}.pasted@mail.example.org")
SUMMARY = canary("receipt summary", "{} asked twice")
REASON = canary("extension reason", "{} lives abroad")
NAME = canary("customer name", "Jane {}")
OPTION = canary("request type", "Erase for {}")
FOLLOW_UP = canary("follow-up note", "Vendor wrote to {}")
ECHO = canary("error body", "No such field for {}")
SABOTAGE = canary("unexpected error", "{} at 10 Some Street")

EVERYWHERE = (
    *(USER_ID, SHARED, UNTOUCHED, EMAIL, BEHIND_EMAIL, HIDDEN, LONG, REFUSED, RENAMED, NOTE, REGULATION, SUMMARY),
    *(REASON, NAME, OPTION, FOLLOW_UP, ECHO, SABOTAGE, LETTERS, LOCAL, AT_A_VENDOR),
)

ENCODED_EMAIL = quote(EMAIL.text)
"""As it stands in a URL of the Profile API."""


def found(surfaces: Mapping[str, bytes], secrets: tuple[Canary, ...]) -> list[str]:
    """Where which canary was found: `place of the canary → surface`, without the text itself."""
    wanted = [(secret.place, list(secret.forms())) for secret in (*EVERYWHERE, *secrets)]
    return [
        f"{place} → {surface}"
        for surface, content in ((name, said.lower()) for name, said in surfaces.items())
        for place, forms in wanted
        if any(form in content for form in forms)
    ]
