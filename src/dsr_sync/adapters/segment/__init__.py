"""Segment's Public API, as the port DeletionService sees it. Segment's words stop here."""

from dsr_sync.adapters.segment.line import EU_URL, US_URL, SegmentOptions
from dsr_sync.adapters.segment.profiles import ProfileDirectory, ProfileOptions
from dsr_sync.adapters.segment.quota import SEGMENT_AND_DESTINATIONS, SEGMENT_ONLY
from dsr_sync.adapters.segment.service import SegmentDeletionService

__all__ = [
    "EU_URL",
    "SEGMENT_AND_DESTINATIONS",
    "SEGMENT_ONLY",
    "US_URL",
    "ProfileDirectory",
    "ProfileOptions",
    "SegmentDeletionService",
    "SegmentOptions",
]
