"""Who may ask: this machine's own page, or whoever has the token; nobody else's page."""

from __future__ import annotations

import hmac
import json
from http.cookies import CookieError, SimpleCookie
from urllib.parse import parse_qs, quote

from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

MARK = "x-handful"  # of every change: a header that no other site's page may send
_COOKIE = "handful_studio"
_READING = ("GET", "HEAD")
_INSIDE = ("/report", "/seen/")
_MOST_JSON_B = 16_000_000  # names of a hundred thousand samples
_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob: data:; "
    "media-src 'self' blob:; connect-src 'self'; frame-src 'self'; worker-src 'self'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


class Guard:
    """Checks every request before anything else sees it.

    Parameters
    ----------
    app : ASGI application
    hosts : tuple of str
        Names under which the studio may be asked; () with a token: any. It keeps out pages that
        point a name of their own at this machine.
    token : str
        "" where only this machine can ask.
    """

    def __init__(self, app: ASGIApp, hosts: tuple[str, ...], token: str) -> None:
        self._app, self._hosts, self._token = app, hosts, token

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer, or refuse."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        refused = self._refused(scope, headers)
        if refused:
            await _answer(send, *refused)
            return
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        if self._token and given and scope["method"] == "GET" and scope["path"] == "/":
            await _enter(send, self._token)
            return
        await self._app(scope, receive, _with_headers(send, scope["path"]))

    def _refused(self, scope: Scope, headers: Headers) -> tuple[int, str] | None:
        host = headers.get("host", "")
        if self._hosts and host not in self._hosts:
            return 403, f"this studio is not called {host!r}: open {self._hosts[0]}."
        if self._token and not self._known(scope, headers):
            return 401, "open the address that the studio printed: its token is missing here."
        if scope["method"] in _READING:
            return None
        origin = headers.get("origin")
        if origin is not None and origin.partition("://")[2] != host:
            return 403, "another site's page may not change anything here."
        if MARK not in headers:
            return 403, f"a change needs the header {MARK}."
        return _too_large(headers)

    def _known(self, scope: Scope, headers: Headers) -> bool:
        given = parse_qs(scope["query_string"].decode("latin-1")).get("token", [""])[0]
        try:
            cookie = SimpleCookie(headers.get("cookie", "")).get(_COOKIE)
        except CookieError:
            cookie = None
        tried = (given, cookie.value if cookie else "")
        return any([hmac.compare_digest(one.encode(), self._token.encode()) for one in tried])


def _too_large(headers: Headers) -> tuple[int, str] | None:
    """Refuse what would be held in memory; files are streamed to disk and limited there."""
    if not headers.get("content-type", "").startswith("application/json"):
        return None
    length = headers.get("content-length", "")
    if not length.isdecimal():
        return 411, "a change needs the header content-length."
    if int(length) > _MOST_JSON_B:
        return 413, f"that is more than {_MOST_JSON_B // 1_000_000} MB at once: do it in parts."
    return None


def _with_headers(send: Send, path: str) -> Send:
    async def sending(message: Message) -> None:
        if message["type"] == "http.response.start":
            headers = MutableHeaders(scope=message)
            if path.startswith(_INSIDE):  # brings a policy of its own, shown inside the page
                headers["content-security-policy"] = "frame-ancestors 'self'"
            else:
                headers["content-security-policy"] = _POLICY
            headers["x-content-type-options"] = "nosniff"
            headers["referrer-policy"] = "no-referrer"
            headers["cross-origin-resource-policy"] = "same-origin"
            headers.setdefault("cache-control", "no-store")
        await send(message)

    return sending


async def _enter(send: Send, token: str) -> None:
    """The token becomes a cookie, and leaves the address."""
    cookie = f"{_COOKIE}={quote(token)}; HttpOnly; SameSite=Strict; Path=/"
    headers = [(b"location", b"/"), (b"set-cookie", cookie.encode()), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 303, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def _answer(send: Send, status: int, reason: str) -> None:
    body = json.dumps({"error": reason}).encode()
    headers = [(b"content-type", b"application/json"),
               (b"content-length", str(len(body)).encode())]  # fmt: skip
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
