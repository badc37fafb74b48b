"""Which of Segment's types of regulation serves which request type."""

from typing import Annotated, Literal

from pydantic import BaseModel

from dsr_sync.core.model import RequestType
from dsr_sync.settings.columns import STRICT
from dsr_sync.settings.says import Says

RegulationType = Literal[
    "DELETE_INTERNAL", "DELETE_ONLY", "SUPPRESS_ONLY", "SUPPRESS_WITH_DELETE", "SUPPRESS_WITH_DELETE_INTERNAL",
    "UNSUPPRESS",
]  # fmt: skip
"""The types of `POST /regulations` (Public API docs, create workspace regulation)."""

_ONE_OF_SIX = (
    "one of DELETE_INTERNAL, DELETE_ONLY, SUPPRESS_ONLY, SUPPRESS_WITH_DELETE, SUPPRESS_WITH_DELETE_INTERNAL, "
    "UNSUPPRESS"
)


class RegulationTypes(BaseModel):
    """Which regulation serves which request type."""

    model_config = STRICT

    delete: Annotated[
        RegulationType, Says("for Delete; the default is what Segment's own New Request button issues", _ONE_OF_SIX)
    ] = "SUPPRESS_WITH_DELETE"
    suppress: Annotated[RegulationType, Says("for Suppress", _ONE_OF_SIX)] = "SUPPRESS_ONLY"
    unsuppress: Annotated[RegulationType, Says("for Unsuppress", _ONE_OF_SIX)] = "UNSUPPRESS"

    def by_request_type(self) -> dict[RequestType, str]:
        """The regulation type for each request type."""
        return {
            RequestType.DELETE: self.delete,
            RequestType.SUPPRESS: self.suppress,
            RequestType.UNSUPPRESS: self.unsuppress,
        }
