"""From the tree to a function of a record: the formula is looked at once, then run over every row."""

import operator
from collections.abc import Callable, Sequence
from datetime import datetime
from typing import Protocol, TypeAlias

from dsr_sandbox.airtable.formula.functions import FUNCTIONS
from dsr_sandbox.airtable.formula.parser import (
    Binary,
    Call,
    FormulaSyntaxError,
    Literal,
    Negation,
    Node,
    Reference,
    parse,
)
from dsr_sandbox.airtable.formula.values import CellError, Value, equal, number, ordered, text, truthy
from dsr_sandbox.airtable.model import Record

Program: TypeAlias = Callable[[Record], Value]


class UnknownNamesError(Exception):
    """The formula names fields that the table does not have; `args` are their names."""


class Scope(Protocol):
    """What a formula may look at."""

    now: datetime

    def cell(self, name: str) -> Program | None:
        """Give the reader of the field's value, None if there is no such field."""
        ...

    def modified(self, names: Sequence[str]) -> Program:
        """Give the reader of the last change of these fields, of any field when none is named."""
        ...


def _divide(left: Value, right: Value) -> float:
    above, below = number(left), number(right)
    if below == 0:
        return above * float("inf") if above else float("nan")
    return above / below


_OPERATORS: dict[str, Callable[[Value, Value], Value]] = {
    "=": equal,
    "!=": lambda left, right: not equal(left, right),
    "<": ordered(operator.lt),
    "<=": ordered(operator.le),
    ">": ordered(operator.gt),
    ">=": ordered(operator.ge),
    "&": lambda left, right: text(left) + text(right),
    "+": lambda left, right: number(left) + number(right),
    "-": lambda left, right: number(left) - number(right),
    "*": lambda left, right: number(left) * number(right),
    "/": _divide,
}


def compile_formula(formula: str, scope: Scope) -> Program:
    """Compile a formula.

    Raises:
        FormulaSyntaxError: it is malformed or uses an unknown function.
        UnknownNamesError: it names unknown fields.
    """
    compiler = _Compiler(scope)
    try:
        program = compiler.node(parse(formula))
    except RecursionError as error:
        raise FormulaSyntaxError from error
    if compiler.unknown:
        raise UnknownNamesError(*dict.fromkeys(compiler.unknown))
    return program


def keeps(program: Program, record: Record) -> bool:
    """Say whether a filter keeps the record; an error leaves it out (Airtable docs, list records)."""
    try:
        return truthy(program(record))
    except CellError:
        return False


class _Compiler:
    def __init__(self, scope: Scope) -> None:
        self._scope = scope
        self.unknown: list[str] = []
        self._special: dict[str, Callable[[Call], Program]] = {
            "AND": self._and,
            "OR": self._or,
            "NOT": self._not,
            "IF": self._if,
            "RECORD_ID": lambda call: self._bare(call, lambda record: record.id),
            "CREATED_TIME": lambda call: self._bare(call, lambda record: record.created),
            "NOW": lambda call: self._bare(call, lambda _: scope.now),
            "TODAY": self._today,
            "LAST_MODIFIED_TIME": self._modified,
        }

    def node(self, node: Node) -> Program:
        match node:
            case Literal(value):
                return lambda _: value
            case Reference(name):
                return self._reference(name)
            case Negation(operand):
                inner = self.node(operand)
                return lambda record: -number(inner(record))
            case Binary(sign, left, right):
                return self._binary(sign, self.node(left), self.node(right))
            case Call(name):
                special = self._special.get(name)
                return special(node) if special else self._function(node)

    def _reference(self, name: str) -> Program:
        found = self._scope.cell(name)
        if found is None:
            self.unknown.append(name)
            return lambda _: None
        return found

    @staticmethod
    def _binary(sign: str, left: Program, right: Program) -> Program:
        apply = _OPERATORS[sign]
        return lambda record: apply(left(record), right(record))

    def _function(self, call: Call) -> Program:
        function = FUNCTIONS.get(call.name)
        if function is None or not function.fewest <= len(call.arguments) <= function.most:
            raise FormulaSyntaxError(call.name)
        arguments, apply = self._all(call), function.apply
        return lambda record: apply(*[argument(record) for argument in arguments])

    def _all(self, call: Call) -> list[Program]:
        return [self.node(argument) for argument in call.arguments]

    def _some(self, call: Call) -> list[Program]:
        if not call.arguments:
            raise FormulaSyntaxError(call.name)
        return self._all(call)

    # AND and OR stop at the first argument that decides (assumed), so that a guard may stand before a date function.
    def _and(self, call: Call) -> Program:
        arguments = self._some(call)
        return lambda record: all(truthy(argument(record)) for argument in arguments)

    def _or(self, call: Call) -> Program:
        arguments = self._some(call)
        return lambda record: any(truthy(argument(record)) for argument in arguments)

    def _not(self, call: Call) -> Program:
        if len(call.arguments) != 1:
            raise FormulaSyntaxError(call.name)
        inner = self.node(call.arguments[0])
        return lambda record: not truthy(inner(record))

    def _if(self, call: Call) -> Program:
        match self._all(call):
            case [test, then]:
                return lambda record: then(record) if truthy(test(record)) else None
            case [test, then, otherwise]:
                return lambda record: then(record) if truthy(test(record)) else otherwise(record)
        raise FormulaSyntaxError(call.name)

    @staticmethod
    def _bare(call: Call, program: Program) -> Program:
        if call.arguments:
            raise FormulaSyntaxError(call.name)
        return program

    def _today(self, call: Call) -> Program:
        midnight = self._scope.now.replace(hour=0, minute=0, second=0, microsecond=0)
        return self._bare(call, lambda _: midnight)

    def _modified(self, call: Call) -> Program:
        names = [argument.name for argument in call.arguments if isinstance(argument, Reference)]
        if len(names) != len(call.arguments):
            raise FormulaSyntaxError(call.name)
        unknown = [name for name in names if self._scope.cell(name) is None]
        self.unknown.extend(unknown)
        return self._scope.modified([name for name in names if name not in unknown])
