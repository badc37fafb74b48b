"""dsr-sync: from an authenticated row in Airtable to Segment regulations, once each, followed to every receipt."""

__version__ = "0.1.0"
