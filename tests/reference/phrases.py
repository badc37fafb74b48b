"""The phrases that stand literally in the adapters and the engine: what errors carry, and the log may therefore say."""

import ast
import json
import re
from collections.abc import Iterator
from pathlib import Path

_ROOMS = ("adapters", "engine")
_OTHER_USES = ("adapters/airtable/columns.py", "adapters/airtable/advice.py", "adapters/ledger/migrations/versions")
"""Names of columns, sentences of advice and SQL: texts that no error carries as its reason."""

_PHRASE = re.compile(r"[a-zA-Z][\w.,:;/'()-]*( [\w.,:;/'()-]+)+")

_SQL = re.compile(r"(BEGIN|SELECT) ")

_HEAD = '''"""The phrases that errors carry, found in the adapters and the engine. `make reference` writes this file.

A text that does not stand in the code cannot be among them, so none of them names a person.
"""

PHRASES = frozenset(
    {
'''


def module(source: Path) -> str:
    """The module `dsr_sync.logs.phrases`, from the code under `source` (the folder of the package)."""
    phrases = sorted({phrase for path in _modules(source) for phrase in _phrases_in(path)})
    lines = "".join(f"        {json.dumps(phrase)},\n" for phrase in phrases)
    return f"{_HEAD}{lines}    }}\n)\n"


def _modules(source: Path) -> Iterator[Path]:
    for room in _ROOMS:
        for path in sorted((source / room).rglob("*.py")):
            if not path.relative_to(source).as_posix().startswith(_OTHER_USES):
                yield path


def _phrases_in(path: Path) -> Iterator[str]:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    pieces = {id(node) for node in ast.walk(tree) for node in _not_whole(node)}
    for node in ast.walk(tree):
        text = node.value if isinstance(node, ast.Constant) and id(node) not in pieces else None
        if isinstance(text, str) and _PHRASE.fullmatch(text) and not _SQL.match(text):
            yield text


def _not_whole(node: ast.AST) -> list[ast.expr]:
    """Docstrings, and the fixed parts of f-strings."""
    if isinstance(node, ast.Expr):
        return [node.value]
    return node.values if isinstance(node, ast.JoinedStr) else []
