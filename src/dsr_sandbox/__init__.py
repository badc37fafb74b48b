"""An emulator of Airtable's Web API, Segment's Public API and Segment's Profile API, for the demo and the tests."""

from dsr_sandbox.server import Sandbox

__all__ = ["Sandbox"]
