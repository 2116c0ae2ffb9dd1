"""What moves on, told to every open page as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable
from typing import Any

_AT_MOST_EVERY_S = 0.1
_ALIVE_S = 1.0  # between two looks at whether the server ends


class Events:
    """Pages that listen; from any thread they can be told to look again."""

    def __init__(self) -> None:
        self._pages: set[asyncio.Event] = set()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._asked_again = False
        self._telling: asyncio.Future[None] | None = None

    @property
    def heard(self) -> bool:
        """Whether a page is open."""
        return bool(self._pages)

    def open(self) -> None:
        """To be called in the event loop."""
        self._loop = asyncio.get_running_loop()

    def tell(self) -> None:
        """Something moved on."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._wake)

    def tell_later(self, first: Callable[[], None]) -> None:
        """Do something in a thread, then tell; what is asked for meanwhile is done together.

        To be called in the event loop.
        """
        self._asked_again = True
        if self._telling is None or self._telling.done():
            self._telling = asyncio.ensure_future(self._do_and_tell(first))

    async def _do_and_tell(self, first: Callable[[], None]) -> None:
        while self._asked_again:
            self._asked_again = False
            await asyncio.to_thread(first)
            await asyncio.sleep(_AT_MOST_EVERY_S)

    def _wake(self) -> None:
        for page in self._pages:
            page.set()

    async def stream(
        self, state: Callable[[], dict[str, Any]], ending: Callable[[], bool]
    ) -> AsyncIterator[str]:
        """The state now, and again whenever something moved on."""
        moved = asyncio.Event()
        moved.set()
        self._pages.add(moved)
        quiet = 0
        try:
            while not ending():
                try:
                    await asyncio.wait_for(moved.wait(), _ALIVE_S)
                except TimeoutError:
                    quiet += 1
                    if quiet % 15 == 0:
                        yield ": still here\n\n"
                    continue
                moved.clear()
                values = await asyncio.to_thread(state)
                yield f"data: {json.dumps(values)}\n\n"
                await asyncio.sleep(_AT_MOST_EVERY_S)
        finally:
            self._pages.discard(moved)
