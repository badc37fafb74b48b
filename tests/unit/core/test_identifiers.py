import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dsr_sync.core.identifiers import IdentifierIssue, is_email, issue_with, needs_lookup, resolved
from dsr_sync.core.model import Identifier, LookedUp, Resolution
from dsr_sync.core.policy import PROTECTED, EmailRule, Policy

AS_USER_ID = Policy(email=EmailRule.AS_USER_ID)
LOOKED_UP = Policy(email=EmailRule.LOOKUP)

ZERO_WIDTH_SPACE, ZERO_WIDTH_JOINER, BYTE_ORDER_MARK, SOFT_HYPHEN = "\u200b", "\u200d", "\ufeff", "\u00ad"
RIGHT_TO_LEFT_OVERRIDE, LEFT_TO_RIGHT_ISOLATE, LINE_SEPARATOR = "\u202e", "\u2066", "\u2028"
HANGUL_FILLER, VARIATION_SELECTOR, EMPTY_BRAILLE, TAG_LETTER = "\u3164", "\ufe0f", "\u2800", "\U000e0041"
UNSEEN = (
    *("\x00", "\t", "\n", "\x1b", "\x7f", "\x85", ZERO_WIDTH_SPACE, ZERO_WIDTH_JOINER, BYTE_ORDER_MARK, SOFT_HYPHEN),
    *(RIGHT_TO_LEFT_OVERRIDE, LEFT_TO_RIGHT_ISOLATE, LINE_SEPARATOR, HANGUL_FILLER, VARIATION_SELECTOR),
    *(EMPTY_BRAILLE, TAG_LETTER, "\ud800", "\ue000", "\U000e01ef"),
)

ANY_TEXT = st.text(st.characters(exclude_categories=[]), max_size=300)
WORDS = st.text("abcXYZ019 ._-@|:/#\u00e9\u4e2d\u200b\u202e\t", max_size=30)


def issue(text: str, policy: Policy | None = None) -> IdentifierIssue | None:
    return issue_with(Identifier.typed(text), policy or Policy())


class TestWhatIsSent:
    @pytest.mark.parametrize(
        "text",
        [
            "4711",
            "user-ann",
            "auth0|5f7c8ec7c33c6c004bbafe82",
            "00u1a2b3c4",
            "Ann",
            "ANN",
            "Ann Example",
            "Jos\u00e9",
            "\u674e\u56db",
            "urn:user:4711",
            "nullable",
            "administrator",
            "00",
            "@ann",
            "ann@",
            "ann@host",
        ],
    )
    def test_a_user_id_is_opaque_and_goes_out_as_it_is(self, text: str) -> None:
        identifier = Identifier.typed(text)
        assert issue_with(identifier, Policy()) is None
        assert identifier.reveal() == text

    def test_surrounding_white_space_is_no_part_of_it(self) -> None:
        assert Identifier.typed(" \t 4711\u00a0\n").reveal() == "4711"

    def test_white_space_within_and_case_are_part_of_it(self) -> None:
        assert Identifier.typed("Ann  Example").reveal() == "Ann  Example"


class TestWhatIsNot:
    @pytest.mark.parametrize("text", ["", " ", "\t\n", "\u00a0\u2003"])
    def test_nothing_typed_is_empty(self, text: str) -> None:
        assert issue(text) is IdentifierIssue.EMPTY

    def test_256_characters_are_the_most(self) -> None:
        assert issue("x" * 256) is None
        assert issue("x" * 257) is IdentifierIssue.TOO_LONG

    def test_characters_are_counted_and_not_bytes(self) -> None:
        assert issue("\u674e" * 256) is None

    @pytest.mark.parametrize("character", UNSEEN, ids=lambda character: f"U+{ord(character):04X}")
    def test_a_character_that_nobody_sees_is_refused_wherever_it_stands(self, character: str) -> None:
        assert issue(f"user{character}ann") is IdentifierIssue.CONTROL_CHARACTER

    @pytest.mark.parametrize("character", [ZERO_WIDTH_SPACE, BYTE_ORDER_MARK, RIGHT_TO_LEFT_OVERRIDE])
    def test_an_unseen_character_at_the_edge_is_not_mistaken_for_white_space(self, character: str) -> None:
        assert issue(f"{character}4711") is IdentifierIssue.CONTROL_CHARACTER
        assert issue(f"4711{character}") is IdentifierIssue.CONTROL_CHARACTER

    @pytest.mark.parametrize("word", PROTECTED)
    def test_a_word_that_broken_code_sends_is_refused_in_any_case_and_with_any_margin(self, word: str) -> None:
        for text in (word, word.upper(), word.title(), f"  {word}\n"):
            assert issue(text) is IdentifierIssue.PROTECTED

    def test_the_operators_own_words_are_compared_trimmed_and_without_case_too(self) -> None:
        policy = Policy(protected=frozenset({" Kiosk ", "STRASSE"}))
        assert issue("kiosk", policy) is IdentifierIssue.PROTECTED
        assert issue("Stra\u00dfe", policy) is IdentifierIssue.PROTECTED
        assert issue("null", policy) is None


class TestMailAddresses:
    @pytest.mark.parametrize("text", ["ann@example.com", "Ann.O+x@sub.example.co.uk", "ann@example.com.", "a@b.c"])
    def test_an_address_is_no_user_id(self, text: str) -> None:
        assert is_email(Identifier.typed(text))
        assert issue(text) is IdentifierIssue.EMAIL

    @pytest.mark.parametrize("text", ["ann@example.com", "Ann.O+x@sub.example.co.uk"])
    def test_where_addresses_are_looked_up_it_is_no_mistake_but_has_to_be_looked_up(self, text: str) -> None:
        assert issue(text, LOOKED_UP) is None
        assert needs_lookup(Identifier.typed(text), LOOKED_UP)
        assert not needs_lookup(Identifier.typed(text), Policy())
        assert not needs_lookup(Identifier.typed(text), AS_USER_ID)
        assert not needs_lookup(Identifier.typed("4711"), LOOKED_UP)

    @pytest.mark.parametrize(
        "text",
        [
            "Ann Example <ann@example.com>",
            "<ann@example.com>",
            "ann@example.com, bob@example.com",
            "ann@example.com;bob@example.com",
            "mailto:ann@example.com",
            '"ann@example.com"',
            "ann@example.com (work)",
        ],
    )
    def test_an_address_in_disguise_is_one_too(self, text: str) -> None:
        """Segment would accept it as the user id of nobody, and report that all is done."""
        assert issue(text) is IdentifierIssue.EMAIL

    @pytest.mark.parametrize("text", ["Ann Example <ann@example.com>", "ann@example.com, bob@example.com"])
    def test_an_address_in_disguise_cannot_be_looked_up_either(self, text: str) -> None:
        assert issue(text, LOOKED_UP) is IdentifierIssue.EMAIL_AND_MORE

    @pytest.mark.parametrize("text", ["ann\uff20example.com", "ann\ufe6bexample.com", "ann@example\uff0ecom"])
    def test_an_address_in_wide_letters_is_one_too(self, text: str) -> None:
        assert issue(text) is IdentifierIssue.EMAIL
        assert needs_lookup(Identifier.typed(text), LOOKED_UP)

    def test_an_operator_whose_user_ids_are_addresses_can_say_so(self) -> None:
        assert issue("ann@example.com", AS_USER_ID) is None

    def test_even_then_the_other_rules_hold(self) -> None:
        assert issue("ann\u200b@example.com", AS_USER_ID) is IdentifierIssue.CONTROL_CHARACTER
        assert issue(f"{'x' * 250}@example.com", AS_USER_ID) is IdentifierIssue.TOO_LONG

    @given(st.emails())
    def test_no_address_that_there_can_be_passes_for_a_user_id(self, address: str) -> None:
        assert issue(address) in (IdentifierIssue.EMAIL, IdentifierIssue.TOO_LONG)


class TestTheUserIdsBehindAnAddress:
    @staticmethod
    def of(*texts: str) -> Resolution:
        return resolved([Identifier(text) for text in texts], LOOKED_UP)

    def test_all_of_them_are_sent_each_once_and_in_order(self) -> None:
        assert self.of("b", "a", "b") == Resolution(LookedUp.FOUND, (Identifier("b"), Identifier("a")))

    def test_no_profile_is_not_the_same_as_a_profile_without_user_id(self) -> None:
        assert resolved(None, LOOKED_UP) == Resolution(LookedUp.NO_PROFILE)
        assert self.of() == Resolution(LookedUp.NO_USER_ID)

    def test_twenty_can_be_one_persons_and_more_are_a_shared_mailbox(self) -> None:
        assert self.of(*map(str, range(1, 21))).result is LookedUp.FOUND
        assert self.of(*map(str, range(1, 22))) == Resolution(LookedUp.DOUBT)

    @pytest.mark.parametrize("text", ["", "undefined", "x" * 257, f"4711{ZERO_WIDTH_SPACE}"])
    def test_one_that_could_not_be_typed_casts_doubt_on_all(self, text: str) -> None:
        assert self.of("4711", text) == Resolution(LookedUp.DOUBT)

    def test_an_address_that_segment_itself_calls_a_user_id_is_one(self) -> None:
        assert self.of("ann@example.com").result is LookedUp.FOUND


def check_any_text(text: str) -> None:
    """What holds for whatever a form can deliver."""
    identifier = Identifier.typed(text)
    found = issue_with(identifier, Policy())
    sent = identifier.reveal()
    assert sent == text.strip()
    assert (found is IdentifierIssue.EMPTY) is (not sent)
    if found is None:
        assert 0 < len(sent) <= 256
        assert sent.casefold() not in PROTECTED
        assert not is_email(identifier)
        assert not set(sent) & set(UNSEEN)
        assert issue_with(identifier, AS_USER_ID) is None
        assert Identifier.typed(sent) == identifier


@given(st.one_of(ANY_TEXT, WORDS))
def test_every_text_is_either_a_possible_user_id_or_has_an_issue(text: str) -> None:
    check_any_text(text)


@pytest.mark.torture
@given(st.one_of(ANY_TEXT, WORDS))
@settings(max_examples=10_000)
def test_ten_thousand_texts_are_each_a_possible_user_id_or_have_an_issue(text: str) -> None:
    check_any_text(text)
