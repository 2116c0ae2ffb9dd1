"""The studio from its socket to its end."""

from __future__ import annotations

import os
import secrets
import socket
import sys
import threading
import webbrowser

import uvicorn

from handful.browsing.app import build_app
from handful.browsing.workshop import Workshop
from handful.sockets import GracefulServer, is_this_machine_alone, url_of

_ENDING_S = 3


class Studio:
    """A page in the browser, ready to run.

    Parameters
    ----------
    workshop : Workshop
    listening : socket
    show : bool
        Open it in the browser.

    Attributes
    ----------
    url : str
        To be opened; with a token where other machines can ask.
    """

    def __init__(self, workshop: Workshop, listening: socket.socket, show: bool) -> None:
        self._workshop, self._socket, self._show = workshop, listening, show
        alone = is_this_machine_alone(listening)
        token = "" if alone else secrets.token_urlsafe()
        base, port = url_of(listening), listening.getsockname()[1]
        if base.startswith("http://0.0.0.0"):
            base = f"http://{_name_in_the_network()}:{port}"
        self.url = f"{base}/?token={token}" if token else base
        names = (base.partition("://")[2], f"localhost:{port}", f"127.0.0.1:{port}")
        app = build_app(
            workshop, hosts=names if alone else (), token=token,
            ending=lambda: self._server.should_exit,
        )  # fmt: skip
        config = uvicorn.Config(
            app, ws="none", lifespan="on", log_config=None, access_log=False, server_header=False,
            proxy_headers=False, timeout_graceful_shutdown=_ENDING_S,
        )  # fmt: skip
        self._server = GracefulServer(config)
        workshop.place.say_where(self.url)

    def words(self) -> str:
        """What a person needs to know."""
        return f"The studio of {self._workshop.place.folder} is open at {self.url}\nCtrl-C ends it."

    def run(self) -> None:
        """Answer until `stop`, SIGTERM or Ctrl-C."""
        if self._show and _has_windows():
            threading.Thread(target=webbrowser.open, args=(self.url,), daemon=True).start()
        self._server.run(sockets=[self._socket])

    def stop(self) -> None:
        """End in good order; from any thread."""
        self._server.should_exit = True


def _name_in_the_network() -> str:
    """The address of this machine as others see it; asked of the routing table, nothing is sent."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asked:
        try:
            asked.connect(("192.0.2.1", 9))  # RFC 5737: an address of nobody
        except OSError:
            return socket.gethostname()
        return str(asked.getsockname()[0])


def _has_windows() -> bool:
    """Whether a browser would open beside the terminal rather than in it."""
    if sys.platform in ("win32", "darwin"):
        return True
    return bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))
