"""Segment's Public API, as the port DeletionService sees it. Segment's words stop here."""

from dsr_sync.adapters.segment.line import SegmentOptions
from dsr_sync.adapters.segment.profiles import ProfileDirectory, ProfileOptions
from dsr_sync.adapters.segment.quota import SEGMENT_AND_DESTINATIONS, SEGMENT_ONLY
from dsr_sync.adapters.segment.service import SegmentDeletionService

__all__ = [
    "SEGMENT_AND_DESTINATIONS",
    "SEGMENT_ONLY",
    "ProfileDirectory",
    "ProfileOptions",
    "SegmentDeletionService",
    "SegmentOptions",
]
