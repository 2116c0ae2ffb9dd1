"""Files made bad on purpose: a few edits of their bytes, within bounded memory."""

from __future__ import annotations

import contextlib
import resource
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st

MEMORY_B = 1_500_000_000  # more than this beyond what was in use before is a MemoryError

# (what to do, where as a share of the file, with what); early bytes matter most
EDITS = st.lists(
    st.tuples(
        st.sampled_from(["flip", "set", "cut", "drop", "insert", "max"]),
        st.one_of(st.floats(0, 1), st.floats(0, 0.1)),
        st.integers(0, 255),
    ),
    min_size=1,
    max_size=6,
)


def how_often(examples):
    """So many examples, the same on every run; one that takes longer than 20 s hangs."""
    return settings(
        deadline=20_000, max_examples=examples, derandomize=True, database=None,
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip


def edited(data, edits):
    """The bytes with the edits made one after the other."""
    changed = bytearray(data)
    for edit, share, value in edits:
        if not changed:
            break
        at = min(int(share * len(changed)), len(changed) - 1)
        if edit == "flip":
            changed[at] ^= 1 << (value % 8)
        elif edit == "set":
            changed[at] = value
        elif edit == "cut":
            del changed[at:]
        elif edit == "drop":
            del changed[at : at + value % 16 + 1]
        elif edit == "insert":
            changed[at:at] = bytes([value]) * (value % 9 + 1)
        else:
            changed[at : at + 4] = b"\x7f\xff\xff\xff"
    return bytes(changed)


@contextlib.contextmanager
def bounded_memory():
    """No more than `MEMORY_B` may be taken within; Linux only, elsewhere nothing is bounded."""
    pages = Path("/proc/self/statm")
    if not pages.exists():
        yield
        return
    soft, hard = resource.getrlimit(resource.RLIMIT_AS)
    used_b = int(pages.read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (used_b + MEMORY_B, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, (soft, hard))
