"""Airtable's refusals, to the letter.

Three body shapes exist (Airtable docs, errors; recorded traffic):
A `{"error": {"type", "message"?}}`, B `{"error": "NOT_FOUND"}`, C `{"errors": [{"error", "message"}]}`.
"""

from typing import Any

_FORBIDDEN = (
    "Invalid permissions, or the requested model was not found. Check that both your user and your token have the "
    "required permissions, and that the model names and/or ids are correct."
)
_FILTER = "The formula for filtering records is invalid: "


class AirtableError(Exception):
    """A refusal as it goes over the wire: `status` and the JSON `body`."""

    def __init__(self, status: int, body: dict[str, Any]) -> None:
        super().__init__(status, body)
        self.status = status
        self.body = body


def typed(status: int, kind: str, message: str | None = None) -> AirtableError:
    """Shape A; some types come without a message."""
    error = {"type": kind} if message is None else {"type": kind, "message": message}
    return AirtableError(status, {"error": error})


def unprocessable(kind: str, message: str | None = None) -> AirtableError:
    """Shape A with 422, the answer to most bad requests."""
    return typed(422, kind, message)


def authentication_required() -> AirtableError:
    """401: the token is missing or unknown; both answer the same (recorded traffic)."""
    return typed(401, "AUTHENTICATION_REQUIRED", "Authentication required")


def forbidden() -> AirtableError:
    """403: missing scope, table or record, or base of a metadata call (Airtable docs, errors; live probes)."""
    return typed(403, "INVALID_PERMISSIONS_OR_MODEL_NOT_FOUND", _FORBIDDEN)


def not_permitted(message: str) -> AirtableError:
    """403: the user's role, or a field's permission, does not allow it (Airtable docs, errors)."""
    return typed(403, "INVALID_PERMISSIONS", message)


def not_found() -> AirtableError:
    """404, shape B: an unrouted path or an unknown base (Airtable docs, errors; live probes)."""
    return AirtableError(404, {"error": "NOT_FOUND"})


def record_not_found(record_id: str) -> AirtableError:
    """404, shape A: a batch delete names an unknown record (live probes)."""
    return typed(404, "NOT_FOUND", f'Could not find a record with ID "{record_id}".')


def rate_limited() -> AirtableError:
    """429, shape C: more than 5 requests a second on a base, or 50 on a token (reports of direct clients)."""
    message = "Rate limit exceeded. Please try again later"
    return AirtableError(429, {"errors": [{"error": "RATE_LIMIT_REACHED", "message": message}]})


def monthly_limit_reached() -> AirtableError:
    """429, shape C: the workspace's calls of the month are used up (reported by users)."""
    message = "API billing plan limit exceeded. You've reached the maximum number of requests allowed for this month."
    return AirtableError(429, {"errors": [{"error": "PUBLIC_API_BILLING_LIMIT_EXCEEDED", "message": message}]})


def bad_body() -> AirtableError:
    """422: the body is no JSON object. The docs say 400 without a sample; this body was seen by pyairtable's users."""
    return unprocessable("INVALID_REQUEST_BODY", "Could not parse request body")


def bad_request() -> AirtableError:
    """422: a parameter of the wrong shape (Airtable docs, errors)."""
    return unprocessable(
        "INVALID_REQUEST_UNKNOWN", "Invalid request: parameter validation failed. Check your request data."
    )


def missing_fields() -> AirtableError:
    """422: a write without its `fields` (reported by users)."""
    return unprocessable("INVALID_REQUEST_MISSING_FIELDS", 'Could not find field "fields" in the request body')


def unknown_field(name: str) -> AirtableError:
    """422: a write, `fields[]` or a sort names a field that the table lacks (live probes)."""
    return unprocessable("UNKNOWN_FIELD_NAME", f'Unknown field name: "{name}"')


def bad_value(field_name: str) -> AirtableError:
    """422: the value does not fit the field's type (recorded traffic)."""
    return unprocessable("INVALID_VALUE_FOR_COLUMN", f'Field "{field_name}" cannot accept the provided value')


def computed_field(field_name: str) -> AirtableError:
    """422: a write to a computed field, even with null (recorded traffic)."""
    message = f'Field "{field_name}" cannot accept a value because the field is computed'
    return unprocessable("INVALID_VALUE_FOR_COLUMN", message)


def unknown_option(value: str) -> AirtableError:
    """422: a select value that is no option; the value stands in doubled quotes (logs of several clients)."""
    message = f'Insufficient permissions to create new select option ""{value}""'
    return unprocessable("INVALID_MULTIPLE_CHOICE_OPTIONS", message)


def row_does_not_exist(record_id: str) -> AirtableError:
    """422: a batch update, upsert or link names an unknown record (live probes; for links reported by users)."""
    return unprocessable("ROW_DOES_NOT_EXIST", f"Record ID {record_id} does not exist in this table")


def bad_formula() -> AirtableError:
    """422: the filter cannot be parsed, or uses what is not known (live probes)."""
    return unprocessable("INVALID_FILTER_BY_FORMULA", f"{_FILTER}Invalid formula. Please check your formula text.")


def unknown_names_in_formula(names: list[str]) -> AirtableError:
    """422: the filter names unknown fields; the text lower-cases them (live probes; several names: assumed)."""
    return unprocessable("INVALID_FILTER_BY_FORMULA", f"{_FILTER}Unknown field names: {', '.join(names).lower()}")


def unknown_view(view: str) -> AirtableError:
    """422: the list names an unknown view (reported by users; the exact text is assumed)."""
    return unprocessable("VIEW_NAME_NOT_FOUND", f"View {view} not found")


def bad_page_size() -> AirtableError:
    """422: `pageSize` outside 0 to 100 (live probes)."""
    return unprocessable("INVALID_PAGE_SIZE_ARGUMENT", "Page size argument should be between 0 and 100")


def bad_offset(offset: str) -> AirtableError:
    """422: an offset that Airtable never made (live probes)."""
    return unprocessable("INVALID_OFFSET_VALUE", f"The value of offset {offset} is invalid")


def stale_offset() -> AirtableError:
    """422 without a message: the iterator behind the offset is gone; start again (Airtable docs, list records)."""
    return unprocessable("LIST_RECORDS_ITERATOR_NOT_AVAILABLE")
