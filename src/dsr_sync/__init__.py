"""dsr-sync."""
