"""An emulator of Airtable's Web API: records, formulas, metadata and limits, over real HTTP."""

from dsr_sandbox.airtable.limits import AirtableLimits
from dsr_sandbox.airtable.redesign import RedesignError
from dsr_sandbox.airtable.service import DEFAULT_BASE_ID, DEFAULT_TOKEN, AirtableService

__all__ = ["DEFAULT_BASE_ID", "DEFAULT_TOKEN", "AirtableLimits", "AirtableService", "RedesignError"]
