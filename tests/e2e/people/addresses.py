"""People whom Segment knows by an e-mail address, and what was looked up and sent for them."""

from collections.abc import Sequence

from tests.e2e.house import House

ANN = "Ann+Privacy@Example.com"
IDS = ["usr_ann", "usr_ann_old"]


def people(house: House, known: dict[str, Sequence[str]]) -> None:
    """Who is in the Profile space: the user ids by address."""
    house.box.segment.profiles.put(
        [
            {
                "external_ids": [
                    {"type": "email", "id": email},
                    *({"type": "user_id", "id": user_id} for user_id in user_ids),
                ]
            }
            for email, user_ids in known.items()
        ]
    )


def look_ups(house: House) -> int:
    """How often the Profile API was asked."""
    return len(house.calls("profiles"))


def sent(house: House) -> list[list[str]]:
    """The user ids of each regulation that was asked for."""
    return [post.body["subjectIds"] for post in house.posts()]
