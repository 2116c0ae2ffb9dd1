"""A server from its socket to its end: requests that are under way are still answered."""

from __future__ import annotations

import contextlib
import ipaddress
import signal
import socket
import threading
from collections.abc import Iterator
from urllib.parse import quote

import uvicorn

from handful.errors import InputError
from handful.serving.app import build_app
from handful.serving.connections import connection_class
from handful.serving.logs import start_logging, tell
from handful.serving.service import Service

_MOST_CONNECTIONS = 1000
_IDLE_S = 15  # for which a connection is kept for the next request
_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class Server:
    """Models behind an address, ready to run.

    Parameters
    ----------
    service : Service
    listening : socket
    allow_origin : sequence of str

    Attributes
    ----------
    url : str
        Where it answers.
    models : tuple of str
        Their names; the first one answers at ``/predict``.
    open_to_others : bool
        Whether programs of other machines may ask, without a key.
    """

    def __init__(
        self, service: Service, listening: socket.socket, allow_origin: tuple[str, ...] = ()
    ) -> None:
        self.url = _url(listening)
        self.models = tuple(service.models)
        address = ipaddress.ip_address(listening.getsockname()[0].partition("%")[0])
        self.open_to_others = not (address.is_loopback or service.keys)
        self._socket = listening
        timeout_s = service.limits.timeout_s
        config = uvicorn.Config(
            build_app(service, allow_origin=allow_origin), http=connection_class(timeout_s),
            ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
            limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=int(2 * timeout_s) + 1, proxy_headers=False,
        )  # fmt: skip
        self._server = _Uvicorn(config)
        service.stopping = lambda: self._server.should_exit

    def words(self) -> str:
        """What a person needs to know to ask it."""
        first, *others = self.models
        lines = [f"{first} answers at {self.url}/predict; its report: {self.url}/report"]
        lines += [f"{name} answers at {self.url}/models/{quote(name)}/predict" for name in others]
        if self.open_to_others:
            lines.append("Anybody who reaches this machine may ask: --api-key-file asks for a key.")
        return "\n".join([*lines, "Ctrl-C ends it."])

    def run(self) -> None:
        """Answer until `stop`, SIGTERM or Ctrl-C; what is under way then is still answered."""
        start_logging()
        tell("listening", url=self.url, models=list(self.models))
        self._server.run(sockets=[self._socket])
        tell("stopped")

    def stop(self) -> None:
        """End in good order; from any thread."""
        self._server.should_exit = True


class _Uvicorn(uvicorn.Server):
    """uvicorn's server; a signal that ended it in good order does not end the process again."""

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
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


def _url(listening: socket.socket) -> str:
    host, port = listening.getsockname()[:2]
    return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"
