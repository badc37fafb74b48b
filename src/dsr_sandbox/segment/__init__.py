"""Segment's Public API and Profile API."""

from dsr_sandbox.segment.service import SegmentService

__all__ = ["SegmentService"]
