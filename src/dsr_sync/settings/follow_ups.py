"""What has to be done by people after every deletion."""

from typing import Annotated

from pydantic import AfterValidator, BaseModel, Field

from dsr_sync.core.receipts import SEGMENT_ITSELF
from dsr_sync.settings.columns import STRICT
from dsr_sync.settings.says import Says

_Text = Annotated[str, Field(min_length=1, max_length=1_000)]


class ManualSystem(BaseModel):
    """A system outside Segment: its name, who is responsible for it, and what they have to do."""

    model_config = STRICT

    name: Annotated[str, Field(min_length=1, max_length=100)]
    owner: _Text
    instructions: _Text


def _different(systems: tuple[ManualSystem, ...]) -> tuple[ManualSystem, ...]:
    """Each name is the key of a receipt, and Segment has one of its own."""
    names = [system.name.casefold() for system in systems]
    if len(set(names)) < len(names) or SEGMENT_ITSELF.casefold() in names:
        raise ValueError
    return systems


class FollowUps(BaseModel):
    """What people have to see to after every deletion, besides what Segment could not do."""

    model_config = STRICT

    manual: Annotated[
        tuple[ManualSystem, ...],
        AfterValidator(_different),
        Says(
            "systems outside Segment that are told by hand: each deletion gets a receipt for each of them",
            'a list of tables with name, owner and instructions, such as [{"name": "Old CRM", "owner": "Sales '
            'operations", "instructions": "Delete the contact."}]; names differ, and none is Segment',
        ),
    ] = ()
