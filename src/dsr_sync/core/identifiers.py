"""What may be sent as a person's identifier, and what must never be."""

import re
import unicodedata
from collections.abc import Sequence
from dataclasses import replace
from enum import StrEnum

from dsr_sync.core.model import Identifier, LookedUp, Resolution
from dsr_sync.core.policy import MAX_IDENTIFIER_CHARACTERS, MAX_USER_IDS, EmailRule, Policy

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
    EMAIL_AND_MORE = "identifier.email_and_more"
    """Addresses are looked up, but this is not one alone."""


def is_email(identifier: Identifier) -> bool:
    """Whether it looks like an e-mail address: one @, something before it, a dotted name behind it."""
    return _EMAIL.fullmatch(_in_plain_letters(identifier)) is not None


def holds_email(identifier: Identifier) -> bool:
    """Whether it is an e-mail address or holds one among other words, such as `Ann Example <ann@example.com>`."""
    words = _BETWEEN_WORDS.split(_in_plain_letters(identifier))
    return is_email(identifier) or any(_EMAIL.fullmatch(word) for word in words)


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
    if policy.email is EmailRule.AS_USER_ID or needs_lookup(identifier, policy) or not holds_email(identifier):
        return None
    return IdentifierIssue.EMAIL_AND_MORE if policy.email is EmailRule.LOOKUP else IdentifierIssue.EMAIL


def needs_lookup(identifier: Identifier, policy: Policy) -> bool:
    """Whether it is an e-mail address whose user ids have to be found before anything is sent."""
    return policy.email is EmailRule.LOOKUP and is_email(identifier)


def resolved(found: Sequence[Identifier] | None, policy: Policy) -> Resolution:
    """What the user ids of a profile are worth: None for no profile. An id that could not be typed is not sent."""
    if found is None:
        return Resolution(LookedUp.NO_PROFILE)
    subjects = tuple(dict.fromkeys(found))
    if not subjects:
        return Resolution(LookedUp.NO_USER_ID)
    as_user_ids = replace(policy, email=EmailRule.AS_USER_ID)  # an address that Segment itself calls a user id is one
    if len(subjects) > MAX_USER_IDS or any(issue_with(subject, as_user_ids) for subject in subjects):
        return Resolution(LookedUp.DOUBT)
    return Resolution(LookedUp.FOUND, subjects)


def _in_plain_letters(identifier: Identifier) -> str:
    """To tell what it is, and for nothing else: some keyboards write a wide @ or full stop, which mean the same."""
    return unicodedata.normalize("NFKC", identifier.reveal())


def _cannot_be_seen(character: str) -> bool:
    if unicodedata.category(character) in _UNSEEN:
        return True
    return any(first <= ord(character) <= last for first, last in _ALSO_UNSEEN)
