import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import suppress

import pytest
from tests.fakes.server import Script, Served, accept


@pytest.fixture
def serve() -> Iterator[Callable[[Script], Served]]:
    stop = threading.Event()
    listeners: list[socket.socket] = []
    threads: list[threading.Thread] = []

    def start(script: Script) -> Served:
        listener = socket.create_server(("127.0.0.1", 0))
        served = Served(f"http://127.0.0.1:{listener.getsockname()[1]}")
        thread = threading.Thread(target=accept, args=(listener, script, served, stop), daemon=True)
        listeners.append(listener)
        threads.append(thread)
        thread.start()
        return served

    yield start
    stop.set()
    for listener in listeners:
        with suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
