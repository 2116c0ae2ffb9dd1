"""A sound level meter in the terminal: one line that moves."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.text import Text

_WIDTH = 22
_SPAN_DB = 70.0  # from an empty to a full bar
_WORDS = {
    "learning": ("learning the usual", "cyan"),
    "usual": ("usual", "green"),
    "unusual": ("UNUSUAL", "bold red"),
    "changed": ("a lasting change", "bold yellow"),
    "unfit": ("no usable baseline", "bold yellow"),
}


def meter_line(
    *, time_s: float, level_db: float, unit: str, state: str, learnt: float, n_events: int
) -> Text:
    """One line: time, level as a bar and a number, and how things stand.

    Parameters
    ----------
    time_s, level_db : float
    unit : str
        ``dBFS`` or ``dB SPL``.
    state : str
        ``learning``, ``usual``, ``unusual``, ``changed`` or ``unfit``.
    learnt : float
        How much of the baseline there is, 0 to 1.
    n_events : int
    """
    from rich.text import Text

    full_db = 0.0 if unit == "dBFS" else 110.0
    share = 0.0 if not math.isfinite(level_db) else (level_db - full_db) / _SPAN_DB + 1
    filled = round(_WIDTH * min(1.0, max(0.0, share)))
    words, style = _WORDS[state]
    if state == "learning":
        words += f" {learnt:.0%}"
    minutes, seconds = divmod(int(time_s), 60)
    line = Text(f"{minutes:3}:{seconds:02} ", no_wrap=True, overflow="ellipsis")
    line.append("█" * filled, style=style)
    line.append("░" * (_WIDTH - filled), style="dim")
    level = f"{level_db:6.1f} {unit}" if math.isfinite(level_db) else "silence"
    line.append(f" {level:<{7 + len(unit)}}  ".replace("-", "−"))
    line.append(words, style=style)
    if n_events:
        line.append(f"  {n_events} so far", style="dim")
    return line
