"""Where settings come from: the environment, files with secrets, the TOML file. Each gives values by dotted name."""

import json
import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path

from dsr_sync.settings.catalogue import PREFIX, Setting, catalogue, env_name, sections
from dsr_sync.settings.errors import Problem

CONFIG = PREFIX + "CONFIG"
_FILE = "_FILE"

_KUBERNETES = re.compile(rf"{PREFIX}(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_\w+)?)")
"""What Kubernetes adds to every container beside a Service named `dsr-sync` (Kubernetes docs, Service)."""


@dataclass(frozen=True, slots=True)
class Said:
    """What one source says: raw values by dotted name, and what is wrong with it."""

    values: dict[str, object] = field(default_factory=dict)
    problems: list[Problem] = field(default_factory=list)


def from_environment(environ: Mapping[str, str]) -> Said:
    """The `DSR_SYNC_*` variables. An empty one counts as unset; a secret may be in the file that `…_FILE` names."""
    said = Said()
    ours = {name.upper(): text for name, text in environ.items() if name.upper().startswith(PREFIX)}
    by_env = {setting.env: setting for setting in catalogue().values()}
    files = {setting.env + _FILE: setting for setting in by_env.values() if setting.secret}
    for name, text in ours.items():
        if name in by_env:
            _take(said, by_env[name], text)
        elif name in files:
            _take_file(said, files[name], text, twice=bool(ours.get(files[name].env)))
        elif name != CONFIG and not (_KUBERNETES.fullmatch(name) and f"{PREFIX}SERVICE_HOST" in ours):
            said.problems.append(_unknown_variable(name, [*by_env, *files, CONFIG]))
    return said


def from_secrets(directory: Path) -> Said:
    """One file per setting, named as its variable or without the prefix, in any case: `airtable__token`.

    Files of other names are somebody else's, unless they bear our prefix. Symbolic links are followed within the
    directory, as Kubernetes lays secrets out (`..data`), and not out of it.
    """
    by_env = {setting.env: setting for setting in catalogue().values()}
    try:
        files = _files_in(directory)
    except OSError as error:
        return Said(problems=[Problem("secrets", str(directory), f"a directory that can be read ({_why(error)})")])
    said = Said()
    for path in files:
        name = path.name.upper()
        setting = by_env.get(name) or by_env.get(PREFIX + name)
        if setting is not None:
            _take_secret(said, setting, path, directory)
        elif name.startswith(PREFIX):
            said.problems.append(_unknown_variable(name, by_env))
    return said


def from_toml(path: Path) -> Said:
    """The TOML file: tables and keys in lower case, as the dotted names say. An empty text counts as unset."""
    try:
        document = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        return Said(problems=[_config(f"a file that can be read ({_why(error)})")])
    except UnicodeDecodeError:
        return Said(problems=[_config("a file in UTF-8")])
    except tomllib.TOMLDecodeError as error:
        return Said(problems=[_config(f"a file in TOML{_line_of(error)}")])
    said = Said()
    _flatten(said, document, "")
    return said


def _flatten(said: Said, table: Mapping[str, object], prefix: str) -> None:
    for key, value in table.items():
        name = f"{prefix}{key}"
        if name in catalogue():
            if not (isinstance(value, str) and not value.strip()):
                said.values[name] = value
        elif name not in sections():
            said.problems.append(_unknown_key(name))
        elif isinstance(value, dict):
            _flatten(said, value, f"{name}.")
        else:
            said.problems.append(Problem(name, env_name(name) + "__…", f"a table: [{name}]"))


def _files_in(directory: Path) -> list[Path]:
    """The directory's files, sorted; none where there is no such directory, which is the usual case."""
    if not directory.is_dir():
        return []
    return sorted(path for path in directory.iterdir() if not path.name.startswith(".") and path.is_file())


def _take(said: Said, setting: Setting, text: str) -> None:
    if not text.strip():
        return
    try:
        said.values[setting.name] = json.loads(text) if setting.listed else text
    except ValueError:
        said.problems.append(Problem(setting.name, setting.env, setting.should_be))


def _take_file(said: Said, setting: Setting, named: str, *, twice: bool) -> None:
    if not named.strip():
        return
    if twice:
        said.problems.append(Problem(setting.name, setting.env, f"set either here or by {setting.env}{_FILE}"))
        return
    _read(said, setting, Path(named), setting.env + _FILE)


def _take_secret(said: Said, setting: Setting, path: Path, directory: Path) -> None:
    if directory.resolve() not in path.resolve().parents:
        said.problems.append(Problem(setting.name, setting.env, "a file inside the secrets directory"))
        return
    _read(said, setting, path, setting.env)


def _read(said: Said, setting: Setting, path: Path, env: str) -> None:
    """A file's text, less the line break that editors and `echo` leave at its end."""
    try:
        _take(said, setting, path.read_text(encoding="utf-8").rstrip("\r\n"))
    except OSError as error:
        said.problems.append(Problem(setting.name, env, f"the path of a file that can be read ({_why(error)})"))
    except UnicodeDecodeError:
        said.problems.append(Problem(setting.name, env, "the path of a file in UTF-8"))


def _unknown_variable(name: str, known: Iterable[str]) -> Problem:
    setting = _shown(name.removeprefix(PREFIX).replace("__", ".").lower())
    return Problem(setting, PREFIX + _shown(name.removeprefix(PREFIX)), _no_such(get_close_matches(name, known, n=1)))


def _unknown_key(name: str) -> Problem:
    nearest = get_close_matches(name.lower(), catalogue(), n=1)
    return Problem(_shown(name), PREFIX + _shown(name.upper().replace(".", "__")), _no_such(nearest))


def _no_such(nearest: list[str]) -> str:
    return "no such setting" + (f"; the nearest is {nearest[0]}" if nearest else "")


def _shown(name: str) -> str:
    """A name that nobody knows may be a value in the wrong place, so only what looks like a name is shown."""
    return name if re.fullmatch(r"[a-z0-9_.]{1,80}|[A-Z0-9_]{1,80}", name) else "[not shown]"


def _config(should_be: str) -> Problem:
    return Problem("--config", CONFIG, should_be)


def _why(error: OSError) -> str:
    return (error.strerror or "it cannot be opened").lower()


def _line_of(error: tomllib.TOMLDecodeError) -> str:
    """The place alone: the parser's own words may quote the file."""
    place = re.search(r"at line (\d+)", str(error))
    return f" (the mistake is in line {place[1]})" if place else ""
