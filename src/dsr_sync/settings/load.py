"""The single door to the environment: all settings, read once, checked, or every problem at once."""

import os
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from dsr_sync.core.policy import EmailRule
from dsr_sync.settings.catalogue import Setting, catalogue, sections
from dsr_sync.settings.errors import Problem, SettingsError
from dsr_sync.settings.model import Settings
from dsr_sync.settings.sources import CONFIG, Said, from_environment, from_secrets, from_toml

SECRETS_DIR = Path("/run/secrets")


def load_settings(
    config: Path | None = None, environ: Mapping[str, str] | None = None, secrets_dir: Path = SECRETS_DIR
) -> Settings:
    """Read and check all settings: the environment wins over files in `secrets_dir`, these over the TOML file.

    `config` is the file of `--config`; without it, `DSR_SYNC_CONFIG` may name one. `environ` is the process's own
    environment unless one is given. Raises SettingsError with every problem found, and no value in it.
    """
    environ = os.environ if environ is None else environ
    said = [from_environment(environ), from_secrets(secrets_dir), *_file(config, environ)]
    problems = [problem for source in said for problem in source.problems]
    settings = _validated(said, problems)
    if settings is not None:
        problems += _conflicts(settings)
    if settings is None or problems:
        raise SettingsError(tuple(_in_order(problems)))
    return settings


def _file(config: Path | None, environ: Mapping[str, str]) -> Iterator[Said]:
    named = environ.get(CONFIG, "").strip()
    path = config or (Path(named) if named else None)
    if path is not None:
        yield from_toml(path)


def _validated(said: Sequence[Said], problems: list[Problem]) -> Settings | None:
    """The settings, or None after noting every problem of form. Later sources lose to earlier ones."""
    values: dict[str, object] = {}
    for source in reversed(said):
        values.update(source.values)
    try:
        return Settings(**_nested(values))
    except ValidationError as error:
        found = [_at(place["loc"], missing=place["type"] == "missing") for place in error.errors(include_input=False)]
    # Outside of the handler, so that the library's error with the values in it is gone.
    noted = {problem.setting for problem in problems}
    problems += [problem for problem in dict.fromkeys(found) if problem.setting not in noted]
    return None


def _nested(values: Mapping[str, object]) -> dict[str, Any]:
    """Dotted names as nested tables; empty tables too, so that what is missing is named setting by setting."""
    tree: dict[str, Any] = {}
    tables: dict[str, dict[str, Any]] = {"": tree}
    for name in sections():
        outer, _, key = name.rpartition(".")
        tables[name] = tables[outer][key] = {}
    for name, value in values.items():
        section, _, key = name.rpartition(".")
        tables[section][key] = value
    return tree


def _at(place: Sequence[int | str], *, missing: bool) -> Problem:
    """The setting that an error of the validation is about: the longest known name at the front of its place."""
    names = [".".join(str(part) for part in place[:length]) for length in range(len(place), 0, -1)]
    setting = next(catalogue()[name] for name in names if name in catalogue())
    wanted = f"required: {setting.means}" if missing else setting.should_be
    return Problem(setting.name, setting.env, wanted)


def _conflicts(settings: Settings) -> Iterator[Problem]:
    """What is wrong between settings that are each fine."""
    profiles = settings.segment.profiles
    if (profiles.space_id is None) != (profiles.token is None):
        missing = "segment.profiles.token" if profiles.token is None else "segment.profiles.space_id"
        yield _about(missing, "set together with the other of space_id and token, or neither")
    if settings.identifiers.email is EmailRule.LOOKUP and profiles.space_id is None:
        yield _about("identifiers.email", "lookup only with a Profile space (segment.profiles.space_id and token)")
    if settings.ledger.is_postgresql and settings.ledger.key is None:
        yield _about("ledger.key", catalogue()["ledger.key"].should_be)
    if settings.airtable.requests_table == settings.airtable.receipts_table:
        yield _about("airtable.receipts_table", "another table than airtable.requests_table")
    yield from _same_columns(settings)


def _same_columns(settings: Settings) -> Iterator[Problem]:
    for table, columns in (
        ("requests", settings.airtable.fields.requests),
        ("receipts", settings.airtable.fields.receipts),
    ):
        taken: dict[str, str] = {}
        for key, column in columns.model_dump().items():
            name = f"airtable.fields.{table}.{key}"
            if column in taken:
                yield _about(name, f"another column than {taken[column]}")
            taken.setdefault(column, name)


def _about(name: str, should_be: str) -> Problem:
    setting: Setting = catalogue()[name]
    return Problem(setting.name, setting.env, should_be)


def _in_order(problems: Iterable[Problem]) -> list[Problem]:
    """As the catalogue has them; what is not in it comes first."""
    place = {name: index for index, name in enumerate(catalogue())}
    return sorted(dict.fromkeys(problems), key=lambda problem: place.get(problem.setting, -1))
