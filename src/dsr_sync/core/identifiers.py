"""What may be sent as a person's identifier, and what must never be."""

import re
import unicodedata
from enum import StrEnum

from dsr_sync.core.model import Identifier
from dsr_sync.core.policy import MAX_IDENTIFIER_CHARACTERS, EmailRule, Policy

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+\.?")
_BETWEEN_WORDS = re.compile(r"[\s,;<>()\[\]\"']+")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode categories of characters that nobody can see: control, format (zero width, bidi), separators, unassigned."""

_ALSO_UNSEEN = (
    (0x034F, 0x034F), (0x115F, 0x1160), (0x17B4, 0x17B5), (0x180B, 0x180F), (0x2800, 0x2800), (0x3164, 0x3164),
    (0xFE00, 0xFE0F), (0xFFA0, 0xFFA0), (0xE0100, 0xE01EF),
)  # fmt: skip
"""First and last of the characters that Unicode calls marks, letters or symbols, and that show nothing all the same:
the fillers and selectors of its list Default_Ignorable_Code_Point, and the empty Braille pattern."""


class IdentifierIssue(StrEnum):
    """Why an identifier is not sent."""

    EMPTY = "identifier.empty"
    TOO_LONG = "identifier.too_long"
    CONTROL_CHARACTER = "identifier.control_character"
    PROTECTED = "identifier.protected"
    EMAIL = "identifier.email"


def is_email(identifier: Identifier) -> bool:
    """Whether it looks like an e-mail address: one @, something before it, a dotted name behind it."""
    return _EMAIL.fullmatch(identifier.reveal()) is not None


def holds_email(identifier: Identifier) -> bool:
    """Whether it is an e-mail address or holds one among other words, such as `Ann Example <ann@example.com>`."""
    return any(_EMAIL.fullmatch(word) for word in _BETWEEN_WORDS.split(identifier.reveal()))


def issue_with(identifier: Identifier, policy: Policy) -> IdentifierIssue | None:
    """What is wrong with an identifier, or None when it may be sent as a user id.

    User ids are opaque to Segment and to us: no form is demanded beyond what no real id lacks. `policy.protected` is
    compared trimmed and without case. An e-mail address in disguise (with a name, or several of them) counts as one:
    Segment would accept it as the user id of nobody and report that all is done.
    """
    text = identifier.reveal()
    if not text:
        return IdentifierIssue.EMPTY
    if len(text) > MAX_IDENTIFIER_CHARACTERS:
        return IdentifierIssue.TOO_LONG
    if any(_cannot_be_seen(character) for character in text):
        return IdentifierIssue.CONTROL_CHARACTER
    if text.casefold() in {word.strip().casefold() for word in policy.protected}:
        return IdentifierIssue.PROTECTED
    if policy.email is not EmailRule.AS_USER_ID and holds_email(identifier):
        return IdentifierIssue.EMAIL
    return None


def _cannot_be_seen(character: str) -> bool:
    if unicodedata.category(character) in _UNSEEN:
        return True
    return any(first <= ord(character) <= last for first, last in _ALSO_UNSEEN)
