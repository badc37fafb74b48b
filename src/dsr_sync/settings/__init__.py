"""The settings: pydantic-settings, and the only reader of the environment.

In this order: environment (`DSR_SYNC_` prefix, `__` between levels, `…_FILE` for secrets), `/run/secrets/<name>`,
TOML file (`--config`, or `DSR_SYNC_CONFIG`), defaults. Unknown keys are errors.
"""

from dsr_sync.settings.catalogue import Setting, catalogue, env_name, sections
from dsr_sync.settings.errors import Problem, SettingsError
from dsr_sync.settings.load import SECRETS_DIR, load_settings
from dsr_sync.settings.model import Settings

__all__ = [
    "SECRETS_DIR",
    "Problem",
    "Setting",
    "Settings",
    "SettingsError",
    "catalogue",
    "env_name",
    "load_settings",
    "sections",
]
