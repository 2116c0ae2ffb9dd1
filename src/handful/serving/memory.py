"""Memory that stays as it is however long the server runs."""

from __future__ import annotations

import ctypes
import os

_M_ARENA_MAX = -8  # malloc.h of the GNU C library
_ARENAS = 2


def keep_memory_flat() -> None:
    """Have all threads share two heaps, where the C library is GNU's.

    Otherwise it gives each thread heaps of its own, up to eight a core, and the large pieces that
    a network needs for a moment leave gaps in every one of them, more by the hour. To be called
    before threads begin.
    """
    if os.name != "posix":
        return
    mallopt = getattr(ctypes.CDLL(None), "mallopt", None)
    if mallopt is not None:
        mallopt(_M_ARENA_MAX, _ARENAS)
