"""A headless Chromium, driven through its own pipe: a person who looks, clicks and types."""

import base64
import fcntl
import json
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, BinaryIO

from tests.e2e.process import until

_FLAGS = (
    *("--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--hide-scrollbars"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--remote-debugging-pipe"),
)

_COMMAND = ("bash", "-c", 'exec chromium "$@" 3<&$THEIR_IN 4>&$THEIR_OUT', "chromium")
"""Chromium reads its commands from descriptor 3 and answers on 4."""


@dataclass
class Page:
    """One page. What is done to it is done by its own scripts, so the events are those of a person."""

    write: BinaryIO
    read: BinaryIO
    session: str = ""
    _sent: int = field(default=0)

    def call(self, method: str, **params: object) -> dict[str, Any]:
        """One command of the DevTools protocol, and its answer."""
        self._sent += 1
        message = {"id": self._sent, "method": method, "params": params}
        self.write.write(json.dumps(message | ({"sessionId": self.session} if self.session else {})).encode() + b"\0")
        self.write.flush()
        while (answer := self._next()).get("id") != self._sent:
            continue
        assert "error" not in answer, answer
        result: dict[str, Any] = answer["result"]
        return result

    def evaluate(self, script: str) -> Any:
        """What a script in the page comes to; promises are awaited."""
        done = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        assert "exceptionDetails" not in done, done["exceptionDetails"]
        return done["result"].get("value")

    def text(self) -> str:
        """All that can be read on the page, cells that can be edited included."""
        cells = "[...document.querySelectorAll('textarea')].map(cell => cell.value).join(' ')"
        return str(self.evaluate(f"(document.body?.innerText ?? '') + {cells}"))

    def shows(self, words: str, seconds: float = 30.0) -> None:
        """Wait until the words can be read on the page."""
        until(lambda: words in self.text(), f"the page shows {words!r}", seconds)

    def click(self, selector: str) -> None:
        """Click what the CSS selector finds, as soon as it is there."""
        self._wait_for(selector)
        self.evaluate(f"document.querySelector({json.dumps(selector)}).click()")

    def tab(self, name: str) -> None:
        """Choose a tab by its name."""
        tabs = "[...document.querySelectorAll('#tabs button')]"
        self.evaluate(f"{tabs}.find(b => b.innerText.startsWith({json.dumps(name)})).click()")

    def enter(self, selector: str, value: str) -> None:
        """Type into a field or choose an option, as soon as it is there, and leave it."""
        self._wait_for(selector)
        script = "(e => {{ e.focus(); e.value = {0}; e.dispatchEvent(new Event('input', {{bubbles: true}}));"
        script += " e.dispatchEvent(new Event('change', {{bubbles: true}})); e.blur(); }})(document.querySelector({1}))"
        self.evaluate(script.format(json.dumps(value), json.dumps(selector)))

    def picture(self, file: Path, height: int) -> None:
        """Keep what is seen, 1,280 pixels wide and so many high."""
        clip = {"x": 0, "y": 0, "width": 1280, "height": height, "scale": 0.75}
        shot = self.call("Page.captureScreenshot", format="png", clip=clip)
        file.write_bytes(base64.b64decode(shot["data"]))

    def _wait_for(self, selector: str) -> None:
        until(lambda: self.evaluate(f"document.querySelector({json.dumps(selector)}) !== null"), f"there is {selector}")

    def _next(self) -> dict[str, Any]:
        received = bytearray()
        while (byte := self.read.read(1)) != b"\0":
            assert byte, "the browser has gone"
            received += byte
        message: dict[str, Any] = json.loads(received)
        return message


@contextmanager
def opened(url: str, folder: Path) -> Iterator[Page]:
    """A page in a browser of its own, with a new profile in `folder`; the browser ends with the block."""
    (its_in, our_out), (our_in, its_out) = os.pipe(), os.pipe()
    high = [fcntl.fcntl(each, fcntl.F_DUPFD, 20) for each in (its_in, its_out)]  # so that 3 and 4 are free
    with subprocess.Popen(
        [*_COMMAND, *_FLAGS, "--window-size=1280,800", f"--user-data-dir={folder / 'profile'}"],
        pass_fds=high,
        env=os.environ | {"THEIR_IN": str(high[0]), "THEIR_OUT": str(high[1])},
        stderr=subprocess.DEVNULL,
    ) as chromium:
        for each in (its_in, its_out, *high):
            os.close(each)
        try:
            with os.fdopen(our_out, "wb") as write, os.fdopen(our_in, "rb") as read:
                page = Page(write, read)
                target = page.call("Target.createTarget", url="about:blank")["targetId"]
                page.session = page.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
                page.call("Page.navigate", url=url)
                yield page
        finally:
            chromium.kill()
