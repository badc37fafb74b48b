"""No person in the ledger: keyed hashes of identifiers, and error texts without anything that could name somebody."""

import re
from http import HTTPStatus
from pathlib import Path
from string import ascii_letters

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dsr_sync.adapters.ledger.keys import KeyedHash, make_key_file, read_key_file
from dsr_sync.adapters.ledger.scrub import GONE, LONGEST_TEXT, plain_reason, scrubbed
from dsr_sync.adapters.ledger.vocabulary import WORDS
from dsr_sync.core.model import Identifier
from dsr_sync.ports import LedgerUnusable

KEY = b"a key for the tests, long enough"


def nobody(_: str) -> bool:
    return False


def test_a_key_depends_on_the_secret_and_on_the_pipeline() -> None:
    ann = Identifier("ann")
    keys = {
        KeyedHash(KEY, "one").of(ann),
        KeyedHash(KEY, "two").of(ann),
        KeyedHash(KEY + b"!", "one").of(ann),
    }
    assert len(keys) == 3
    assert all(re.fullmatch(r"[0-9a-f]{64}", key) for key in keys)


def test_the_check_value_is_no_key_of_any_identifier() -> None:
    hashed = KeyedHash(KEY, "one")
    assert hashed.check_value() != hashed.of(Identifier(""))
    assert hashed.check_value() != KeyedHash(KEY, "two").check_value()


@given(st.text(), st.text())
def test_only_equal_identifiers_have_equal_keys(one: str, other: str) -> None:
    hashed = KeyedHash(KEY, "one")
    assert (hashed.of(Identifier(one)) == hashed.of(Identifier(other))) == (one == other)


@pytest.mark.parametrize("key", [b"", b"short", b"x" * 15])
def test_a_key_that_could_be_found_by_trying_is_refused(key: bytes) -> None:
    with pytest.raises(LedgerUnusable, match="shorter"):
        KeyedHash(key, "one")


def test_the_repr_of_a_keyed_hash_shows_no_key() -> None:
    assert repr(KeyedHash(KEY, "one")) == "KeyedHash([key])"


def test_a_key_file_is_private_and_different_every_time(tmp_path: Path) -> None:
    first, second = make_key_file(tmp_path / "one"), make_key_file(tmp_path / "two")
    assert first != second
    assert re.fullmatch(rb"[0-9a-f]{64}", first)
    assert (tmp_path / "one").stat().st_mode & 0o777 == 0o600
    assert read_key_file(tmp_path / "one") == first


def test_a_key_file_is_never_overwritten(tmp_path: Path) -> None:
    first = make_key_file(tmp_path / "key")
    with pytest.raises(LedgerUnusable):
        make_key_file(tmp_path / "key")
    assert read_key_file(tmp_path / "key") == first


def test_what_a_crash_left_of_an_unfinished_key_file_is_no_key_and_does_no_harm(tmp_path: Path) -> None:
    (tmp_path / "key.new").write_bytes(b"8f14e4")
    assert read_key_file(tmp_path / "key") is None
    key = make_key_file(tmp_path / "key")
    assert read_key_file(tmp_path / "key") == key
    assert [path.name for path in tmp_path.iterdir()] == ["key"]


def test_a_key_file_that_is_not_there_is_none_and_one_that_cannot_be_read_is_an_error(tmp_path: Path) -> None:
    assert read_key_file(tmp_path / "key") is None
    with pytest.raises(LedgerUnusable):
        read_key_file(tmp_path)


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("Unauthorized: invalid API key (401)", "Unauthorized invalid API key 401"),
        ("User jane.doe@example.com not found", f"User {GONE} not found"),
        ("call +49 170 1234567 now", f"call {GONE} now"),
        ("user zaphodbeeble not found", f"user {GONE} not found"),
        ("no contact alicesmith in list", f"no contact {GONE} in list"),
        ("Arthur Dent: UNKNOWN USER", f"{GONE} UNKNOWN USER"),
        ("\u212aEY token", f"{GONE} token"),
        ("call (404) 555-0100", f"call {GONE}"),
        ("id=8f14e45fceea167a", GONE),
        ("status 503", "status 503"),
        ("status 999", f"status {GONE}"),
        ("müller nicht gefunden", GONE),
        ('{"error":"user 77 unknown"}', f"{GONE} unknown"),
        ("", ""),
        ("failed " * 1_000, ("failed " * 71).strip()),
    ],
)
def test_words_of_errors_and_status_numbers_are_kept_and_nothing_else(text: str, kept: str) -> None:
    assert scrubbed(text, nobody) == kept


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("alice is unknown", f"{GONE} is unknown"),
        ("unknown: 'alice'!", f"unknown {GONE}"),
        ("Alice is somebody else", f"{GONE} is {GONE} else"),
        ("user key not found: key", f"user {GONE} not found {GONE}"),
        ("we do not know mary ann smith here", f"we do not know {GONE} here"),
    ],
)
def test_words_that_name_a_person_of_the_regulation_go_too(text: str, kept: str) -> None:
    assert scrubbed(text, {"alice", "mary ann smith", "key"}.__contains__) == kept


texts = (
    st.text()
    | st.text(st.sampled_from("ab1 4.@:+-[]…0"))
    | st.lists(st.sampled_from(["404", "no", "x1", "User", "anna", "[…]"])).map(" ".join)
)


@given(texts)
def test_nothing_but_words_of_the_vocabulary_and_status_numbers_is_left(text: str) -> None:
    statuses = {str(status.value) for status in HTTPStatus}
    for word in scrubbed(text, nobody).split():
        assert word.lower() in WORDS or word == GONE or word in statuses


@given(st.text(ascii_letters, min_size=1).filter(lambda word: word.lower() not in WORDS))
def test_letters_that_are_no_word_of_an_error_are_taken_out_in_any_case(word: str) -> None:
    for form in (word, word.lower(), word.upper(), word.title()):
        assert scrubbed(f"user {form} not found", nobody) == f"user {GONE} not found"


def test_no_word_of_the_vocabulary_is_a_common_first_name() -> None:
    names = "art bill dale dean drew faith frank grace grant guy hope jack joy mark max may page pat rich rose sue will"
    assert WORDS.isdisjoint(names.split())


def test_the_vocabulary_is_of_lower_case_letters_alone() -> None:
    assert all(word.isascii() and word.isalpha() and word.islower() for word in WORDS)


@given(texts)
def test_scrubbing_twice_changes_nothing_more(text: str) -> None:
    once = scrubbed(text, nobody)
    assert scrubbed(once, nobody) == once
    assert len(once) <= LONGEST_TEXT


@given(st.text(), st.text("0123456789", min_size=4))
def test_no_run_of_digits_of_four_or_more_is_left(text: str, digits: str) -> None:
    assert not re.search(r"\d[\d ]{3}", scrubbed(f"{text} {digits} {digits[:2]} {digits[2:]} {text}", nobody))


@given(texts, st.text("abc", min_size=1, max_size=3))
def test_a_person_is_never_left(text: str, person: str) -> None:
    assert person not in scrubbed(f"{text} {person} {text}", person.__eq__).split()


@pytest.mark.parametrize("reason", ["bad_request", "absent from two complete listings", "INVALID_VALUE_FOR_COLUMN"])
def test_fixed_phrases_and_codes_are_kept_as_reasons(reason: str) -> None:
    assert plain_reason(reason) == reason


@pytest.mark.parametrize("reason", ["no user jane@example.com", "user 170123456789 unknown", "née"])
def test_a_reason_that_could_name_somebody_is_scrubbed(reason: str) -> None:
    assert GONE in plain_reason(reason)
