"""What staff do in the base, over HTTP as the page does it: for the demo, and for tests that tell a story."""

import ssl
from typing import Any
from urllib.parse import quote

import httpx

from dsr_sandbox import page
from dsr_sandbox.server import Sandbox

_SECONDS = 10.0

NO_AUTHORITIES = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""For clients of plain HTTP: to read the list of certificate authorities for nothing takes longer than a call."""


class Staff:
    """A person at the base of a started sandbox. What they do is no API call of the daemon's and meets no fault."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._sandbox = sandbox

    def add(self, fields: dict[str, Any], table: str = "Requests") -> str:
        """Add a row and return its record id."""
        added: str = self._call("POST", table, {"fields": fields})["id"]
        return added

    def change(self, record_id: str, fields: dict[str, Any], table: str = "Requests") -> None:
        """Change cells of a row by column name; None clears one."""
        self._call("PATCH", f"{table}/{record_id}", {"fields": fields})

    def remove(self, record_id: str, table: str = "Requests") -> None:
        """Delete a row."""
        self._call("DELETE", f"{table}/{record_id}")

    def rows(self, table: str = "Requests") -> dict[str, dict[str, Any]]:
        """All rows of a table: record id to cells by column name, in the order of their creation."""
        tables = self._sandbox.airtable.snapshot()["bases"][self._sandbox.base_id]["tables"]
        records = next(shown["records"] for shown in tables if shown["name"] == table)
        ordered = sorted(records, key=lambda record: str(record["createdTime"]))
        return {record["id"]: record["fields"] for record in ordered}

    def _call(self, method: str, path: str, body: dict[str, Any] | None = None) -> dict[str, Any]:
        answer = httpx.request(
            method,
            f"{self._sandbox.airtable_url}/v0/{self._sandbox.base_id}/{quote(path)}",
            json=body,
            headers={"Authorization": f"Bearer {self._sandbox.airtable_token}", page.MARK.decode(): "1"},
            timeout=_SECONDS,
            trust_env=False,
            verify=NO_AUTHORITIES,
        )
        decoded: dict[str, Any] = answer.raise_for_status().json()
        return decoded
