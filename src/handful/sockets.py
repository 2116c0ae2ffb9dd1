"""A socket to answer at, and a server on it that ends in good order."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Iterator

import uvicorn

from handful.errors import InputError

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class GracefulServer(uvicorn.Server):
    """uvicorn's server; a signal that ended it in good order does not end the process again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Signals end the server while it runs, where it runs in the main thread."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        before = {one: signal.signal(one, self._on_signal) for one in _SIGNALS}
        try:
            yield
        finally:
            for one, handler in before.items():
                signal.signal(one, handler)

    def _on_signal(self, number: int, frame: object) -> None:
        self.force_exit = self.should_exit  # whoever asks twice does not want to wait
        self.should_exit = True


def listening_socket(host: str, port: int) -> socket.socket:
    """A socket at an address.

    Raises
    ------
    InputError
        The address is taken, is not this machine's, or is none.
    """
    if not 0 <= port <= 65535:
        raise InputError(f"--port is {port}: give 0 (any free one) to 65535.")
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
    except OSError as error:
        raise InputError(f"--host {host}: there is no such address ({error.strerror}).") from error
    try:
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(2048)
    except OSError as error:
        listening.close()
        raise InputError(
            f"cannot listen at {host}, port {port}: {(error.strerror or 'it failed').lower()}. "
            "Choose another with --port, or --port 0 for any free one."
        ) from error
    return listening


def url_of(listening: socket.socket) -> str:
    """The address of a socket, as a browser takes it."""
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"


def is_this_machine_alone(listening: socket.socket) -> bool:
    """Whether only programs of this machine reach the socket."""
    return ipaddress.ip_address(listening.getsockname()[0].partition("%")[0]).is_loopback
