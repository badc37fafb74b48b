import socket

import pytest
from pytest_socket import SocketBlockedError

pytestmark = pytest.mark.filterwarnings("ignore:A test tried to use socket")


def test_a_unit_test_cannot_open_a_socket() -> None:
    with pytest.raises(SocketBlockedError):
        socket.socket()


def test_a_unit_test_cannot_look_up_a_name() -> None:
    with pytest.raises(SocketBlockedError):
        socket.getaddrinfo("localhost", 80)
