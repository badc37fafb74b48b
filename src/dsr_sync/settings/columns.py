"""The names of the base's columns, as settings. A name or a `fld…` id; the defaults are the contract."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict

from dsr_sync.settings.says import A_NAME, Name, Says

STRICT = ConfigDict(
    extra="forbid", frozen=True, hide_input_in_errors=True, str_strip_whitespace=True, allow_inf_nan=False
)


class RequestColumns(BaseModel):
    """Columns of the requests table: a name or a `fld…` id each. At start they become ids; a rename does no harm."""

    model_config = STRICT

    user_identifier: Annotated[Name, Says("staff: the person's user id, or an e-mail", A_NAME)] = "User identifier"
    request_type: Annotated[Name, Says("staff: Delete, Suppress or Unsuppress", A_NAME)] = "Request type"
    authenticated: Annotated[Name, Says("staff: the person is who they say; nothing is sent before", A_NAME)] = (
        "Authenticated"
    )
    hold: Annotated[Name, Says("staff: do not send while ticked", A_NAME)] = "Hold"
    retry: Annotated[Name, Says("staff: send again what ended badly", A_NAME)] = "Retry"
    law: Annotated[Name, Says("staff: GDPR, CCPA or Other, for the date in Due by", A_NAME)] = "Law"
    received_at: Annotated[Name, Says("staff: when the request came, if not when the row was made", A_NAME)] = (
        "Received at"
    )
    extended_until: Annotated[Name, Says("staff: the later date that the person was told of", A_NAME)] = (
        "Extended until"
    )
    extension_reason: Annotated[Name, Says("staff: why the answer takes longer, as the person was told", A_NAME)] = (
        "Extension reason"
    )
    submitted: Annotated[Name, Says("daemon: ticked once there is a regulation", A_NAME)] = "Submitted"
    status: Annotated[Name, Says("daemon: where the request stands", A_NAME)] = "Status"
    status_note: Annotated[Name, Says("daemon: what happened and what to do, in words", A_NAME)] = "Status note"
    regulation_id: Annotated[Name, Says("daemon: Segment's id of the regulation", A_NAME)] = "Regulation ID"
    segment_status: Annotated[Name, Says("daemon: Segment's own word for the regulation", A_NAME)] = "Segment status"
    submitted_at: Annotated[Name, Says("daemon: when Segment accepted it, UTC", A_NAME)] = "Submitted at"
    completed_at: Annotated[Name, Says("daemon: when everything was done, UTC", A_NAME)] = "Completed at"
    due_by: Annotated[Name, Says("daemon: the last day for an answer to the person", A_NAME)] = "Due by"
    submit_by: Annotated[Name, Says("daemon: the last day to send it, so that Segment has its 30 days", A_NAME)] = (
        "Submit by"
    )
    receipt_summary: Annotated[Name, Says("daemon: the destinations in a few lines", A_NAME)] = "Receipt summary"


class ReceiptColumns(BaseModel):
    """Columns of the receipts table: a name or a `fld…` id each."""

    model_config = STRICT

    receipt: Annotated[Name, Says("the key of a receipt, unique", A_NAME)] = "Receipt"
    request: Annotated[Name, Says("the link to the request", A_NAME)] = "Request"
    destination: Annotated[Name, Says("the destination's name", A_NAME)] = "Destination"
    status: Annotated[Name, Says("how far the destination has come", A_NAME)] = "Status"
    segment_status: Annotated[Name, Says("Segment's own word for the destination", A_NAME)] = "Segment status"
    sources: Annotated[Name, Says("how many of its sources have finished", A_NAME)] = "Sources"
    finished_at: Annotated[Name, Says("when the last source finished, UTC", A_NAME)] = "Finished at"
    error: Annotated[Name, Says("the destination's own error text", A_NAME)] = "Error"
    regulation_id: Annotated[Name, Says("Segment's id of the regulation", A_NAME)] = "Regulation ID"
    follow_up: Annotated[Name, Says("Needed, until staff set Done", A_NAME)] = "Follow-up"
    follow_up_note: Annotated[Name, Says("staff's evidence; the daemon never writes it", A_NAME)] = "Follow-up note"
    what_to_do: Annotated[Name, Says("what staff can do about this destination, in words", A_NAME)] = "What to do"


class Columns(BaseModel):
    """The columns of both tables."""

    model_config = STRICT

    requests: RequestColumns = RequestColumns()
    receipts: ReceiptColumns = ReceiptColumns()
