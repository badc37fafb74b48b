"""The page at `/` of the Airtable port: the base as staff would see it. Plain files, nothing from outside."""

from importlib import resources

from starlette.responses import PlainTextResponse, Response
from starlette.types import Receive, Scope, Send

PREFIX = "/_sandbox/page/"
MARK = b"x-sandbox-page"
"""The header by which the page's own calls of the Airtable API are told from a client's."""

_FILES = {
    "/": ("index.html", "text/html"),
    f"{PREFIX}page.css": ("page.css", "text/css"),
    f"{PREFIX}page.js": ("page.js", "text/javascript"),
    f"{PREFIX}grid.js": ("grid.js", "text/javascript"),
    f"{PREFIX}world.js": ("world.js", "text/javascript"),
}
_HEADERS = {
    "Content-Security-Policy": "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src data:; form-action 'none'; frame-ancestors 'none'; base-uri 'none'",
    "Cache-Control": "no-store",
    "X-Content-Type-Options": "nosniff",
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """Serve the page and its files; everything else below its prefix is 404."""
    name, media_type = _FILES.get(scope["path"], ("", ""))
    if not name:
        response: Response = PlainTextResponse("Not found", 404)
    else:
        content = resources.files(__name__).joinpath(name).read_bytes()
        response = Response(content, headers=_HEADERS, media_type=media_type)
    await response(scope, receive, send)
