"""One Airtable base, as the ports RequestTable and BaseDesign see it. Airtable's column names stop here."""

from dsr_sync.adapters.airtable.columns import ReceiptColumns, RequestColumns
from dsr_sync.adapters.airtable.design import AirtableBaseDesign
from dsr_sync.adapters.airtable.line import AirtableLine, AirtableOptions
from dsr_sync.adapters.airtable.schema import Names
from dsr_sync.adapters.airtable.table import AirtableRequestTable

__all__ = [
    "AirtableBaseDesign",
    "AirtableLine",
    "AirtableOptions",
    "AirtableRequestTable",
    "Names",
    "ReceiptColumns",
    "RequestColumns",
]
