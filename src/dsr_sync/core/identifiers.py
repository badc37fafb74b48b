"""What may be sent as a person's identifier, and what must never be."""

import re
import unicodedata
from enum import StrEnum

from dsr_sync.core.model import Identifier
from dsr_sync.core.policy import MAX_IDENTIFIER_CHARACTERS, EmailRule, Policy

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s.]+")
_UNSEEN = frozenset({"Cc", "Cf", "Zl", "Zp", "Cs", "Co", "Cn"})
"""Unicode categories of characters that nobody can see: control, format (zero width, bidi), separators, unassigned."""


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


def issue_with(identifier: Identifier, policy: Policy) -> IdentifierIssue | None:
    """What is wrong with an identifier, or None when it may be sent as a user id.

    User ids are opaque to Segment and to us: no form is demanded beyond what no real id lacks.
    """
    text = identifier.reveal()
    if not text:
        return IdentifierIssue.EMPTY
    if len(text) > MAX_IDENTIFIER_CHARACTERS:
        return IdentifierIssue.TOO_LONG
    if any(unicodedata.category(character) in _UNSEEN for character in text):
        return IdentifierIssue.CONTROL_CHARACTER
    if text.casefold() in policy.protected:
        return IdentifierIssue.PROTECTED
    if is_email(identifier) and policy.email is not EmailRule.AS_USER_ID:
        return IdentifierIssue.EMAIL
    return None
