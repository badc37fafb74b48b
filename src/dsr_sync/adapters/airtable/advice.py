"""What is wrong with a base, in words for the people who can mend it."""

from collections.abc import Sequence
from dataclasses import dataclass

from dsr_sync.adapters.airtable.columns import NUMBERS, ColumnSpec
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


@dataclass(frozen=True, slots=True)
class Place:
    """A column by what the settings call it, and its table by that and by what the base shows."""

    table: str
    shown: str
    column: str


def missing_table(table: str, *, required: bool, lost: bool = False) -> BaseProblem:
    """A table is not there; the API can make it, unless the settings name it by id. `lost`: it was there before."""
    creatable = not _is_id(table, TABLE_PREFIX)
    mend = "dsr-sync setup-base makes it." if creatable else "The settings name it by an id that this base has not."
    text = f"The table '{table}' is missing from the base. {mend}"
    return BaseProblem(Flaw.MISSING_TABLE, table, "", required, creatable, text, lost)


def missing_column(where: Place, spec: ColumnSpec, *, lost: bool) -> BaseProblem:
    """A column is not there. `lost`: it was, when the daemon read the base before; what guards must not be guessed."""
    column, creatable = where.column, not _is_id(where.column, FIELD_PREFIX)
    text = f"The column '{column}' ({_WORDS[spec.type]}) is missing from the table '{where.shown}'."
    required = spec.required or (lost and spec.guards)
    if lost and spec.guards:
        text += " It was there before, and nothing is sent while it is unknown what it said: restore it in Airtable"
        text += ", or let dsr-sync setup-base make an empty one." if creatable else "."
    elif creatable:
        text += " dsr-sync setup-base makes it; if it was renamed, put the new name into the settings."
    else:
        text += " The settings name it by an id that this table has not."
    return BaseProblem(Flaw.MISSING_COLUMN, where.table, column, required, creatable, text, lost)


def wrong_type(where: Place, spec: ColumnSpec, found: str) -> BaseProblem:
    """A column is of a type that cannot hold what it must; Airtable's API cannot change that (Airtable docs)."""
    text = (
        f"The column '{where.column}' of the table '{where.shown}' is of the type {_WORDS.get(found, found)}; "
        f"it must be {_WORDS[spec.type]}. Only a person can change that: open the column's menu in Airtable, Edit "
        "field."
    )
    if spec.attribute == "user_identifier" and found in NUMBERS:
        text += _VALUES_LOST
    required = spec.required or spec.guards
    return BaseProblem(Flaw.WRONG_TYPE, where.table, where.column, required, creatable=False, advice=text)


def missing_options(where: Place, options: Sequence[str]) -> BaseProblem:
    """A select lacks options that are written; the API adds none without guessing (typecast), so a person must."""
    named = ", ".join(f"'{option}'" for option in options)
    text = (
        f"The column '{where.column}' of the table '{where.shown}' lacks "
        f"{'the option' if len(options) == 1 else 'the options'} {named}. Only a person can add them, letter by "
        "letter: open the column's menu in Airtable, Edit field."
    )
    return BaseProblem(Flaw.MISSING_OPTION, where.table, where.column, required=False, creatable=False, advice=text)


def two_columns(where: Place, renamed: str, *, required: bool) -> BaseProblem:
    """A column goes by another name now, and another one has taken its name: nobody can tell which staff mean."""
    text = (
        f"The table '{where.shown}' has two columns for '{where.column}': the one used so far, which somebody renamed "
        f"'{renamed}', and a newer one of that name. {_until_told(required)} {_OR_ID}"
    )
    return BaseProblem(Flaw.TWO_OF_A_NAME, where.table, where.column, required, creatable=False, advice=text)


def two_tables(table: str, renamed: str, *, required: bool) -> BaseProblem:
    """A table goes by another name now, and another one has taken its name."""
    text = (
        f"The base has two tables for '{table}': the one used so far, which somebody renamed '{renamed}', and a newer "
        f"one of that name. {_until_told(required)} {_OR_ID}"
    )
    return BaseProblem(Flaw.TWO_OF_A_NAME, table, "", required, creatable=False, advice=text)


_VALUES_LOST = (
    " A number has no leading zeros, no letters and no more than 16 digits: values may be gone, or name other people. "
    "Undo the change if you still can, which brings them back. If not, tick Hold on every row that was not sent before "
    "you make it single line text again, because sending then goes on: compare each value with its row's history, then "
    "untick Hold."
)

_OR_ID = "Rename or delete the one that is not meant, or put the id of the one that is into the settings."


def _until_told(required: bool) -> str:  # noqa: FBT001 - read beside its name in every call
    return "Nothing is sent while it is unknown which one counts." if required else "The older one is used."


def _is_id(name: str, prefix: str) -> bool:
    return len(name) == _ID_LENGTH and name.startswith(prefix) and name.isalnum()
