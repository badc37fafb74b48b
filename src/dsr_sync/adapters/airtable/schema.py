"""From Airtable's metadata and the settings to the columns we work with, by id, and to what is wrong with the base."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from dsr_sync.adapters.airtable import advice
from dsr_sync.adapters.airtable.columns import (
    LINK,
    NUMBERS,
    RECEIPT_SPECS,
    REQUEST_SPECS,
    ColumnSpec,
    ReceiptColumns,
    RequestColumns,
)
from dsr_sync.ports import BaseProblem

Metadata = dict[str, Any]
"""A table, or a column, as `GET /v0/meta/bases/{base}/tables` gives it (Airtable docs, get base schema)."""


@dataclass(frozen=True, slots=True)
class Names:
    """What the tables and columns are called in the settings: names or ids."""

    requests_table: str = "Requests"
    receipts_table: str = "Receipts"
    requests: RequestColumns = field(default_factory=RequestColumns)
    receipts: ReceiptColumns = field(default_factory=ReceiptColumns)


@dataclass(frozen=True, slots=True)
class Column:
    """A column that is there and serves: its id for everything but formulas, which need its name of the moment."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class TableShape:
    """A table and those of the columns we use that it has, by attribute."""

    id: str
    columns: Mapping[str, Column]
    lacking: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """The options that are written and that a select does not have, by attribute."""

    def lacks(self, attribute: str, option: object) -> bool:
        """Whether the base has the column, and no such option in it."""
        return option in self.lacking.get(attribute, ())

    def ids(self) -> list[str]:
        """The ids of our columns."""
        return [column.id for column in self.columns.values()]


Known = Mapping[tuple[str, str], str]
"""Ids that earlier readings found, by (`REQUESTS` or `RECEIPTS`, attribute); the attribute "" is the table itself.

What was once resolved is found by its id from then on, whatever staff call it meanwhile.
"""

REQUESTS, RECEIPTS = "requests", "receipts"


@dataclass(frozen=True, slots=True)
class Schema:
    """The base as it was last read. `receipts` is None where there is no such table, or none with a key column."""

    requests: TableShape
    receipts: TableShape | None
    known: Known


@dataclass(frozen=True, slots=True)
class Reading:
    """One look at the base: the schema if all that is required is there, and everything that is wrong."""

    schema: Schema | None
    problems: tuple[BaseProblem, ...]

    def blocking(self) -> tuple[BaseProblem, ...]:
        """What must be mended before anything is read or sent."""
        return tuple(problem for problem in self.problems if problem.required)

    def hampering(self) -> tuple[BaseProblem, ...]:
        """What hampers the work without stopping it."""
        return tuple(problem for problem in self.problems if problem.hampers)


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two tables as the settings describe it."""

    label: str
    table: str
    names: RequestColumns | ReceiptColumns
    specs: Sequence[ColumnSpec]

    def named(self) -> Iterator[tuple[ColumnSpec, str]]:
        """The columns with what they are called, in the order in which they are made."""
        for spec in self.specs:
            yield spec, getattr(self.names, spec.attribute)


def sides(names: Names) -> tuple[Side, Side]:
    """The requests table, and the receipts table."""
    return (
        Side(REQUESTS, names.requests_table, names.requests, REQUEST_SPECS),
        Side(RECEIPTS, names.receipts_table, names.receipts, RECEIPT_SPECS),
    )


def named(names: Names) -> Iterator[tuple[tuple[str, str], str]]:
    """Every table and column with what the settings call it, by the key under which its id is known."""
    for side in sides(names):
        yield (side.label, ""), side.table
        for spec, name in side.named():
            yield (side.label, spec.attribute), name


def read(tables: Sequence[Metadata], names: Names, known: Known) -> Reading:
    """Resolve the settings against the base. Pure."""
    problems: list[BaseProblem] = []
    shapes: dict[str, TableShape] = {}
    linked = ""
    for side in sides(names):
        by_id, required = known.get((side.label, ""), ""), side.label == REQUESTS
        table = find(tables, by_id, side.table)
        if table is None:
            problems.append(advice.missing_table(side.table, required=required, lost=bool(by_id)))
            continue
        if usurped(tables, table, side.table):
            problems.append(advice.two_tables(side.table, table["name"], required=required))
        linked = linked or table["id"]
        shape = _shape(table, side, known, linked)
        shapes[side.label] = shape
        problems += _problems(table, side, known, shape)
    problems.sort(key=lambda problem: not problem.required)
    schema = None if any(problem.required for problem in problems) else _schema(shapes, known)
    return Reading(schema, tuple(problems))


def find(things: Sequence[Metadata], *wanted: str) -> Metadata | None:
    """The first table or column whose id or exact name is one of `wanted`, in their order; None if there is none."""
    return next((thing for name in wanted for thing in things if name and name in (thing["id"], thing["name"])), None)


def usurped(things: Sequence[Metadata], used: Metadata, name: str) -> bool:
    """Whether the table or column in use was renamed, and another one has taken the name that the settings know."""
    return name not in (used["id"], used["name"]) and any(thing["name"] == name for thing in things)


def _schema(shapes: Mapping[str, TableShape], known: Known) -> Schema:
    ids = dict(known)
    for label, shape in shapes.items():
        ids[label, ""] = shape.id
        ids.update({(label, attribute): column.id for attribute, column in shape.columns.items()})
    receipts = shapes.get(RECEIPTS)
    usable = receipts if receipts is not None and "receipt" in receipts.columns else None
    return Schema(shapes[REQUESTS], usable, ids)


def _shape(table: Metadata, side: Side, known: Known, linked: str) -> TableShape:
    columns, lacking = {}, {}
    for spec, name in side.named():
        column = find(table["fields"], known.get((side.label, spec.attribute), ""), name)
        if spec.used and column is not None and _serves(spec, column, linked):
            columns[spec.attribute] = Column(column["id"], column["name"])
            lacking[spec.attribute] = frozenset(spec.written) - _options(column)
    return TableShape(table["id"], columns, lacking)


def _problems(table: Metadata, side: Side, known: Known, shape: TableShape) -> Iterator[BaseProblem]:
    for spec, name in side.named():
        by_id = known.get((side.label, spec.attribute), "")
        column = find(table["fields"], by_id, name)
        where = advice.Place(side.table, table["name"], name)
        if column is None:
            yield advice.missing_column(where, spec, lost=bool(by_id))
            continue
        if spec.used and usurped(table["fields"], column, name):
            yield advice.two_columns(where, column["name"], required=spec.guards)
        if spec.used and spec.attribute not in shape.columns:
            yield advice.wrong_type(where, spec, _kind(column))
        elif missing := [option for option in spec.written if shape.lacks(spec.attribute, option)]:
            yield advice.missing_options(where, missing)


def _serves(spec: ColumnSpec, column: Metadata, linked: str) -> bool:
    if spec.type == LINK and column["type"] == LINK:
        return bool((column.get("options") or {}).get("linkedTableId") == linked)
    return spec.accepts(_kind(column))


def _kind(column: Metadata) -> str:
    """The type of a column; that of its results for a formula that reckons out numbers, which are never text."""
    kind: str = column["type"]
    result: str = ((column.get("options") or {}).get("result") or {}).get("type", "")
    return result if kind == "formula" and result in NUMBERS else kind


def _options(column: Metadata) -> frozenset[str]:
    return frozenset(choice["name"] for choice in (column.get("options") or {}).get("choices", []))
