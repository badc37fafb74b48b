"""Every setting by its name, as the model declares it: for reading them, for errors and for the references."""

import types
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import Any, Union, get_args, get_origin

from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from dsr_sync.settings.model import Settings
from dsr_sync.settings.says import Says

PREFIX = "DSR_SYNC_"


@dataclass(frozen=True, slots=True)
class Setting:
    """One setting. `name` is dotted, as in the TOML file; `default` is None where there is none or it is required."""

    name: str
    env: str
    means: str
    should_be: str
    default: object
    required: bool
    secret: bool
    listed: bool

    @property
    def section(self) -> str:
        """The TOML table that it stands in."""
        return self.name.rpartition(".")[0]

    @property
    def key(self) -> str:
        """Its name within the table."""
        return self.name.rpartition(".")[2]


@cache
def catalogue() -> dict[str, Setting]:
    """All settings by dotted name, in the order of the model."""
    return {setting.name: setting for setting in _settings_of(Settings, "")}


@cache
def sections() -> dict[str, str]:
    """All TOML tables by dotted name, outer before inner, with what each is about."""
    return dict(_sections_of(Settings, ""))


def env_name(name: str) -> str:
    """The environment variable of a dotted name: `segment.region` → `DSR_SYNC_SEGMENT__REGION`."""
    return PREFIX + name.upper().replace(".", "__")


def _settings_of(model: type[BaseModel], prefix: str) -> Iterator[Setting]:
    for key, field in model.model_fields.items():
        inner = _model_of(field)
        if inner is None:
            yield _setting(f"{prefix}{key}", field)
        else:
            yield from _settings_of(inner, f"{prefix}{key}.")


def _sections_of(model: type[BaseModel], prefix: str) -> Iterator[tuple[str, str]]:
    for key, field in model.model_fields.items():
        inner = _model_of(field)
        if inner is not None:
            yield f"{prefix}{key}", (inner.__doc__ or "").strip()
            yield from _sections_of(inner, f"{prefix}{key}.")


def _model_of(field: FieldInfo) -> type[BaseModel] | None:
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def _setting(name: str, field: FieldInfo) -> Setting:
    says = next(note for note in field.metadata if isinstance(note, Says))
    required = field.is_required()
    kinds = set(_kinds_in(field.annotation))
    return Setting(
        name=name,
        env=env_name(name),
        means=says.means,
        should_be=says.should_be,
        default=None if required else _plain(field.default),
        required=required,
        secret=SecretStr in kinds,
        listed=tuple in kinds,
    )


def _kinds_in(annotation: Any) -> Iterator[Any]:  # noqa: ANN401 - a type's own parts have no narrower type
    """The plain types in an annotation: `Annotated[SecretStr, …] | None` → SecretStr, NoneType."""
    if get_origin(annotation) in (Union, types.UnionType):
        for part in get_args(annotation):
            yield from _kinds_in(part)
    elif hasattr(annotation, "__metadata__"):
        yield from _kinds_in(annotation.__origin__)
    else:
        yield get_origin(annotation) or annotation


def _plain(default: object) -> object:
    """A default as it is documented; the defaults of secrets are no secrets."""
    return default.get_secret_value() if isinstance(default, SecretStr) else default
