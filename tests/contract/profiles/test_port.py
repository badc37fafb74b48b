"""The promises of IdentityDirectory, one by one, kept by the fake and by the adapter alike."""

import pytest
from tests.contract.profiles.conftest import World

from dsr_sync.core.model import Identifier
from dsr_sync.ports import TokenRefused, Transient

ADDRESSES = [
    "ann@example.com",
    "ann+news@example.com",
    "o'neill/sales@example.com",
    "zoë@exämple.com",
    "100%&a=b?c#d@example.com",
    "安@例え.jp",
]


def found(world: World, email: str) -> list[str] | None:
    user_ids = world.directory.user_ids(Identifier(email))
    return None if user_ids is None else [user_id.reveal() for user_id in user_ids]


@pytest.mark.parametrize("email", ADDRESSES)
def test_an_address_leads_to_the_user_id_of_its_profile_however_it_is_written(world: World, email: str) -> None:
    world.put("somebody.else@example.com", ["usr_other"])
    world.put(email, ["usr_1"])
    assert found(world, email) == ["usr_1"]


def test_capital_letters_in_an_address_do_not_matter(world: World) -> None:
    world.put("ann@example.com", ["usr_1"])
    assert found(world, "Ann@Example.COM") == ["usr_1"]


def test_a_profile_may_have_several_user_ids(world: World) -> None:
    world.put("ann@example.com", ["usr_1", "USR_1", " usr 2 "])
    assert found(world, "ann@example.com") == ["usr_1", "USR_1", " usr 2 "]


def test_a_hundred_user_ids_are_all_found(world: World) -> None:
    everyone = [f"usr_{number}" for number in range(100)]
    world.put("ann@example.com", everyone)
    assert found(world, "ann@example.com") == everyone


def test_a_profile_without_user_id_is_something_else_than_no_profile(world: World) -> None:
    world.put("ann@example.com")
    assert found(world, "ann@example.com") == []
    assert found(world, "bob@example.com") is None


def test_a_refused_token_says_so_and_not_that_nobody_is_there(world: World) -> None:
    world.refuse_the_token()
    with pytest.raises(TokenRefused) as raised:
        found(world, "ann@example.com")
    assert raised.value.service == "profiles"


def test_a_look_up_that_failed_may_be_repeated(world: World) -> None:
    world.put("ann@example.com", ["usr_1"])
    world.turn_away()
    with pytest.raises(Transient):
        found(world, "ann@example.com")
    assert found(world, "ann@example.com") == ["usr_1"]
