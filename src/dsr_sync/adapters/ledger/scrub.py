"""Error texts of destinations, made fit to be kept: they may name the person, so only what cannot is left standing.

A vendor may know the person by another name than we do: an id in another case, the local part of an address, a real
name. So a word is not kept because it looks like one, but because it is known to be one (`vocabulary`).
"""

import re
from collections.abc import Callable
from http import HTTPStatus

from dsr_sync.adapters.ledger.vocabulary import WORDS

GONE = "[…]"
"""Stands for whatever was taken out."""

LONGEST_TEXT = 500
"""Characters that are kept of one error text."""

_AROUND_A_WORD = ".,:;!?()[]{}<>\"'`"
_STATUS_NUMBERS = frozenset(str(status.value) for status in HTTPStatus)
_LONGEST_NAME = 4
"""Words. So many words in a row are tried as one identifier."""

_REASON = re.compile(r"[A-Za-z][A-Za-z _.,:()-]{0,119}")


def scrubbed(text: str, is_person: Callable[[str], bool]) -> str:
    """Keep the words of `vocabulary`, in any case, and single HTTP status numbers; everything else becomes `[…]`.

    `is_person` says whether a text is the identifier of somebody whom the error may be about; such words go even if
    they are in the vocabulary, also when the identifier is several words long. The result is at most 500 characters,
    and scrubbing it again changes nothing.
    """
    chunks = text[: LONGEST_TEXT * 4].split()
    people = _people(chunks, is_person)
    kept = [GONE if at in people else _kept(chunks, at) for at in range(len(chunks))]
    return _joined(kept)


def plain_reason(reason: str) -> str:
    """A reason as a fixed phrase or an error code, kept as it is; anything that looks otherwise is scrubbed."""
    return reason if _REASON.fullmatch(reason) else scrubbed(reason, lambda _: False)


def _people(chunks: list[str], is_person: Callable[[str], bool]) -> set[int]:
    """The places of the words that name a person."""
    found: set[int] = set()
    for start in range(len(chunks)):
        for end in range(start + 1, min(start + _LONGEST_NAME, len(chunks)) + 1):
            run = " ".join(chunks[start:end])
            if is_person(run) or is_person(run.strip(_AROUND_A_WORD)):
                found.update(range(start, end))
    return found


def _kept(chunks: list[str], at: int) -> str:
    word = chunks[at].strip(_AROUND_A_WORD)
    if word.isascii() and word.lower() in WORDS:  # ascii: the Kelvin sign becomes a k
        return word
    return word if word in _STATUS_NUMBERS and not _number_beside(chunks, at) else GONE


def _number_beside(chunks: list[str], at: int) -> bool:
    """Whether a neighbour holds a digit too: then it may be a part of a telephone number."""
    beside = chunks[max(at - 1, 0) : at] + chunks[at + 1 : at + 2]
    return any(character.isdigit() for chunk in beside for character in chunk)


def _joined(words: list[str]) -> str:
    """One line of at most `LONGEST_TEXT` characters, with one `[…]` for several in a row."""
    line: list[str] = []
    length = 0
    for word in words:
        if line and word == GONE == line[-1]:
            continue
        length += len(word) + 1
        if length > LONGEST_TEXT + 1:
            break
        line.append(word)
    return " ".join(line)
