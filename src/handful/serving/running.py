"""A server from its socket to its end: requests that are under way are still answered."""

from __future__ import annotations

import socket
from urllib.parse import quote

import uvicorn

from handful.serving.app import build_app
from handful.serving.connections import connection_class
from handful.serving.logs import start_logging, tell
from handful.serving.service import Service
from handful.sockets import GracefulServer, is_this_machine_alone, url_of

_MOST_CONNECTIONS = 1000
_IDLE_S = 15  # for which a connection is kept for the next request


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
        self.url = url_of(listening)
        self.models = tuple(service.models)
        self.open_to_others = not (is_this_machine_alone(listening) or service.keys)
        self._socket = listening
        timeout_s = service.limits.timeout_s
        config = uvicorn.Config(
            build_app(service, allow_origin=allow_origin), http=connection_class(timeout_s),
            ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
            limit_concurrency=_MOST_CONNECTIONS, timeout_keep_alive=_IDLE_S,
            timeout_graceful_shutdown=int(2 * timeout_s) + 1, proxy_headers=False,
        )  # fmt: skip
        self._server = GracefulServer(config)
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
