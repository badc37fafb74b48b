"""The world outside, behind the ports: Airtable, Segment, the ledger's database, the clock."""
