"""What is wrong with a base, in words for the people who can mend it."""

from collections.abc import Sequence

from dsr_sync.adapters.airtable.columns import ColumnSpec
from dsr_sync.ports import BaseProblem, Flaw

FIELD_PREFIX, TABLE_PREFIX = "fld", "tbl"

_ID_LENGTH = 17
_WORDS = {
    "singleLineText": "single line text",
    "multilineText": "long text",
    "singleSelect": "single select",
    "multipleSelects": "multiple select",
    "checkbox": "checkbox",
    "dateTime": "date with time",
    "date": "date",
    "multipleRecordLinks": "link to the requests table",
}


def missing_table(table: str, *, required: bool) -> BaseProblem:
    """A table is not there; the API can make it, unless the settings name it by id."""
    creatable = not _is_id(table, TABLE_PREFIX)
    mend = "dsr-sync setup-base makes it." if creatable else "The settings name it by an id that this base has not."
    return BaseProblem(
        Flaw.MISSING_TABLE, table, "", required, creatable, f"The table '{table}' is missing from the base. {mend}"
    )


def missing_column(table: str, column: str, spec: ColumnSpec, *, lost: bool) -> BaseProblem:
    """A column is not there. `lost`: it was, when the daemon read the base before, and its loss must not be guessed."""
    creatable = not _is_id(column, FIELD_PREFIX)
    text = f"The column '{column}' ({_WORDS[spec.type]}) is missing from the table '{table}'."
    if lost:
        text += " It was there before, and nothing is sent while it is unknown what it said: restore it in Airtable"
        text += ", or let dsr-sync setup-base make an empty one." if creatable else "."
    elif creatable:
        text += " dsr-sync setup-base makes it; if it was renamed, put the new name into the settings."
    else:
        text += " The settings name it by an id that this table has not."
    return BaseProblem(Flaw.MISSING_COLUMN, table, column, spec.required or lost, creatable, text)


def wrong_type(table: str, column: str, spec: ColumnSpec, found: str) -> BaseProblem:
    """A column is of a type that cannot hold what it must; Airtable's API cannot change that (Airtable docs)."""
    text = (
        f"The column '{column}' of the table '{table}' is of the type {_WORDS.get(found, found)}; it must be "
        f"{_WORDS[spec.type]}. Only a person can change that: open the column's menu in Airtable, Edit field."
    )
    return BaseProblem(Flaw.WRONG_TYPE, table, column, spec.required or spec.guards, creatable=False, advice=text)


def missing_options(table: str, column: str, options: Sequence[str]) -> BaseProblem:
    """A select lacks options that are written; the API adds none without guessing (typecast), so a person must."""
    named = ", ".join(f"'{option}'" for option in options)
    text = (
        f"The column '{column}' of the table '{table}' lacks {'the option' if len(options) == 1 else 'the options'} "
        f"{named}. Only a person can add them, letter by letter: open the column's menu in Airtable, Edit field."
    )
    return BaseProblem(Flaw.MISSING_OPTION, table, column, required=False, creatable=False, advice=text)


def _is_id(name: str, prefix: str) -> bool:
    return len(name) == _ID_LENGTH and name.startswith(prefix) and name.isalnum()
