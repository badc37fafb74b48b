"""The examples and the reference of the settings, from the settings themselves."""

import json
from collections.abc import Iterator

from dsr_sync.settings import Setting, catalogue, sections

_TOML_HEAD = """\
# Every setting of dsr-sync, its default, and one line on why it is there. `make reference` writes this file.
# Copy it, fill in what is required, and take the # from the lines that you want to change.
# An empty text counts as unset. Secrets are better kept in the environment or in files: see docs/reference/settings.md.
"""

_ENV_HEAD = """\
# Every setting of dsr-sync as an environment variable. `make reference` writes this file.
# Copy it, fill in what is required, and take the # from the lines that you want to change.
# An empty value counts as unset. A secret may be in a file instead: name the file in a variable that ends in _FILE.
"""

_TABLE_HEAD = """\
# Settings

`make reference` writes this page from `src/dsr_sync/settings`.

A setting is looked for in this order, and the first one found counts:

1. The environment: the variable named below. An empty one counts as unset. Lists are JSON. A secret (marked so) may be
   in a file: name the file in the variable with `_FILE` behind it, such as `DSR_SYNC_AIRTABLE__TOKEN_FILE`.
2. Files in `/run/secrets`, named like the variable, with or without `DSR_SYNC_`, in any case: `airtable__token`.
   This is where Docker and Kubernetes put secrets.
3. The TOML file named by `--config FILE` or by `DSR_SYNC_CONFIG`. An empty text counts as unset.
4. The default.

A variable, file or key that begins with our prefix and is not known is an error, which names the nearest known one.
No error shows a value.
"""


def example_toml() -> str:
    """The TOML file with every setting: required ones to fill in, the others as comments with their defaults."""
    return _TOML_HEAD + "".join(_toml_section(name, about) for name, about in sections().items())


def example_env() -> str:
    """The same for the environment."""
    return _ENV_HEAD + "".join(_env_section(name) for name in sections())


def reference() -> str:
    """The page with all settings in tables."""
    return _TABLE_HEAD + "".join(_table(name, about) for name, about in sections().items())


def _of(section: str) -> list[Setting]:
    return [setting for setting in catalogue().values() if setting.section == section]


def _toml_section(name: str, about: str) -> str:
    lines = [line for setting in _of(name) for line in _toml_lines(setting)]
    return "\n".join(["", f"# {about}", f"[{name}]", *lines, ""]) if lines else ""


def _toml_lines(setting: Setting) -> Iterator[str]:
    yield f"# {_sentence(setting)}"
    mark = "" if setting.required else "# "
    yield f"{mark}{setting.key} = {_literal(setting.default)}"


def _env_section(name: str) -> str:
    lines = [line for setting in _of(name) for line in _env_lines(setting)]
    return "\n".join(["", *lines, ""]) if lines else ""


def _env_lines(setting: Setting) -> Iterator[str]:
    yield f"# {_sentence(setting)}"
    mark = "" if setting.required else "# "
    yield f"{mark}{setting.env}={_plain(setting.default)}"


def _sentence(setting: Setting) -> str:
    said = f"{setting.means[0].upper()}{setting.means[1:]}."
    return said + (" Required." if setting.required else "")


def _table(name: str, about: str) -> str:
    rows = "".join(_row(setting) for setting in _of(name))
    if not rows:
        return ""
    head = "| variable | key | default | meaning | must be |\n|---|---|---|---|---|\n"
    return f"\n## `[{name}]`\n\n{about}\n\n{head}{rows}"


def _row(setting: Setting) -> str:
    default = "**required**" if setting.required else _shown(setting.default)
    means = setting.means + (" (secret)" if setting.secret else "")
    cells = (f"`{setting.env}`", f"`{setting.key}`", default, means, setting.should_be)
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |\n"


def _shown(default: object) -> str:
    return "unset" if default is None else f"`{_plain(default)}`"


def _literal(default: object) -> str:
    """A default as TOML has it; TOML has no null, so what is unset is an empty text."""
    if isinstance(default, tuple):
        return json.dumps(list(default))
    return json.dumps("" if default is None else default)


def _plain(default: object) -> str:
    """A default as the environment has it."""
    if isinstance(default, tuple):
        return json.dumps(list(default))
    return "" if default is None else str(default)
