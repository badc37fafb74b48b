"""The composition root: settings in, a working pipeline out. Here alone the rooms are introduced to each other."""

from dsr_sync.bootstrap.assembly import (
    Outside,
    check_ledger,
    configure_logs,
    outside,
    quota,
    reader,
    settings_from,
)
from dsr_sync.bootstrap.pipeline import Pipeline, pipeline
from dsr_sync.bootstrap.service import Service, daemon

__all__ = [
    "Outside",
    "Pipeline",
    "Service",
    "check_ledger",
    "configure_logs",
    "daemon",
    "outside",
    "pipeline",
    "quota",
    "reader",
    "settings_from",
]
