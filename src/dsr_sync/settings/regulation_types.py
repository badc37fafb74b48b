"""Which of Segment's types of regulation serves which request type."""

from typing import Annotated, Literal

from pydantic import BaseModel

from dsr_sync.core.model import RequestType
from dsr_sync.settings.columns import STRICT
from dsr_sync.settings.says import Says

Deleting = Literal["DELETE_INTERNAL", "DELETE_ONLY", "SUPPRESS_WITH_DELETE", "SUPPRESS_WITH_DELETE_INTERNAL"]
Suppressing = Literal["SUPPRESS_ONLY"]
Lifting = Literal["UNSUPPRESS"]
"""Of the types of `POST /regulations` (Public API docs, create workspace regulation), those that do what the request
says, and no more. Any other would tell staff of something that was never asked of Segment, or delete what nobody asked
to delete: the note of a suppression says that earlier data was kept."""

_DELETING = "one of DELETE_INTERNAL, DELETE_ONLY, SUPPRESS_WITH_DELETE, SUPPRESS_WITH_DELETE_INTERNAL"
_SUPPRESSING = "SUPPRESS_ONLY"
_LIFTING = "UNSUPPRESS"


class RegulationTypes(BaseModel):
    """Which regulation serves which request type."""

    model_config = STRICT

    delete: Annotated[
        Deleting, Says("for Delete; the default is what Segment's own New Request button issues", _DELETING)
    ] = "SUPPRESS_WITH_DELETE"
    suppress: Annotated[Suppressing, Says("for Suppress", _SUPPRESSING)] = "SUPPRESS_ONLY"
    unsuppress: Annotated[Lifting, Says("for Unsuppress", _LIFTING)] = "UNSUPPRESS"

    def by_request_type(self) -> dict[RequestType, str]:
        """The regulation type for each request type."""
        return {
            RequestType.DELETE: self.delete,
            RequestType.SUPPRESS: self.suppress,
            RequestType.UNSUPPRESS: self.unsuppress,
        }
