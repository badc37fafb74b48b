"""What every client of a server on this machine shares."""

import ssl

PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
"""Trusts no authority: here is only plain HTTP, and to read the list of authorities takes longer than a call."""
