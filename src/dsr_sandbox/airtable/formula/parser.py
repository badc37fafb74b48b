"""From formula text to a tree: a lexer and a Pratt parser."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""(?P<space>\s+)
    |(?P<number>\d+(?:\.\d+)?|\.\d+)
    |(?P<string>"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')
    |(?P<field>\{(?:[^}\\]|\\.)*\})
    |(?P<name>[^\W\d]\w*)
    |(?P<sign><=|>=|!=|[-+*/&=<>(),])""",
    re.VERBOSE | re.DOTALL,
)
_POWER = {
    "=": 10, "!=": 10, "<": 10, "<=": 10, ">": 10, ">=": 10,
    "&": 20, "+": 30, "-": 30, "*": 40, "/": 40,
}  # fmt: skip
_UNARY_POWER = 50
_ESCAPED = re.compile(r"\\(.)", re.DOTALL)
_CONTROL = {"n": "\n", "t": "\t", "r": "\r"}


class FormulaSyntaxError(Exception):
    """The text is no formula that is known here."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A number or a text."""

    value: float | str


@dataclass(frozen=True, slots=True)
class Reference:
    """`{Field name}`, or a bare word."""

    name: str


@dataclass(frozen=True, slots=True)
class Negation:
    """Unary minus."""

    operand: "Node"


@dataclass(frozen=True, slots=True)
class Binary:
    """Two operands around a sign."""

    sign: str
    left: "Node"
    right: "Node"


@dataclass(frozen=True, slots=True)
class Call:
    """A function with its arguments; the name in capitals."""

    name: str
    arguments: "tuple[Node, ...]"


Node = Literal | Reference | Negation | Binary | Call
Token = tuple[str, str]
_END: Token = ("end", "")


def parse(formula: str) -> Node:
    """Parse a whole formula.

    Raises:
        FormulaSyntaxError: it is not well-formed, or nested too deeply (Airtable's own limit is not documented).
    """
    try:
        return _Parser(_tokens(formula)).whole()
    except RecursionError as error:
        raise FormulaSyntaxError from error


def _tokens(formula: str) -> Iterator[Token]:
    position = 0
    while position < len(formula):
        found = _TOKEN.match(formula, position)
        if found is None:
            raise FormulaSyntaxError(position)
        position = found.end()
        if found.lastgroup != "space":
            yield str(found.lastgroup), found.group()


class _Parser:
    def __init__(self, tokens: Iterator[Token]) -> None:
        self._tokens = tokens
        self._next = next(tokens, _END)

    def whole(self) -> Node:
        node = self._expression(0)
        if self._next != _END:
            raise FormulaSyntaxError(self._next)
        return node

    def _take(self) -> Token:
        token, self._next = self._next, next(self._tokens, _END)
        return token

    def _takes(self, sign: str) -> bool:
        if self._next != ("sign", sign):
            return False
        self._take()
        return True

    def _expect(self, sign: str) -> None:
        if not self._takes(sign):
            raise FormulaSyntaxError(self._next)

    def _expression(self, floor: int) -> Node:
        left = self._operand()
        while (power := _POWER.get(self._next[1], 0) if self._next[0] == "sign" else 0) > floor:
            _, sign = self._take()
            left = Binary(sign, left, self._expression(power))
        return left

    def _operand(self) -> Node:
        kind, found = self._take()
        match kind:
            case "number":
                return Literal(float(found) if "." in found else int(found))
            case "string":
                return Literal(_ESCAPED.sub(lambda m: _CONTROL.get(m[1], m[1]), found[1:-1]))
            case "field":
                return Reference(re.sub(r"\\([{}\\])", r"\1", found[1:-1]))
            case "name":
                return self._call(found) if self._takes("(") else Reference(found)
        return self._signed(found)

    def _signed(self, sign: str) -> Node:
        if sign == "-":
            return Negation(self._expression(_UNARY_POWER))
        if sign == "(":
            node = self._expression(0)
            self._expect(")")
            return node
        raise FormulaSyntaxError(sign)

    def _call(self, name: str) -> Call:
        arguments: list[Node] = []
        if not self._takes(")"):
            arguments.append(self._expression(0))
            while self._takes(","):
                arguments.append(self._expression(0))
            self._expect(")")
        return Call(name.upper(), tuple(arguments))
