"""What the server has done, in the text format that Prometheus reads.

References
----------
Prometheus documentation, "Exposition formats", text-based format 0.0.4.
"""

from __future__ import annotations

import threading
from collections import defaultdict
from collections.abc import Mapping

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
_BOUNDS_S = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0)
_HELP = {
    "handful_requests_total": ("counter", "Requests answered, by route, method and status."),
    "handful_samples_total": ("counter", "Samples answered, by model and tag."),
    "handful_unknown_samples_total": ("counter", "Samples unlike all that was learned from."),
    "handful_refused_samples_total": ("counter", "Samples that could not be read."),
    "handful_batches_total": ("counter", "Runs of a model."),
    "handful_model_changes_total": ("counter", "Changed model folders, taken up or not."),
    "handful_waiting_samples": ("gauge", "Samples that wait for their turn."),
    "handful_held_bytes": ("gauge", "Bytes of request bodies in memory."),
    "handful_model_info": ("gauge", "Models that are being served."),
}
_SECONDS = "handful_request_seconds"
_Labels = tuple[tuple[str, str], ...]


class Counters:
    """Numbers that only grow, and how long requests took; threads may share it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[str, dict[_Labels, float]] = {
            name: defaultdict(float) for name, (kind, _) in _HELP.items() if kind == "counter"
        }
        self._buckets: dict[str, list[int]] = defaultdict(lambda: [0] * (len(_BOUNDS_S) + 1))
        self._sums: dict[str, float] = defaultdict(float)

    def add(self, name: str, count: float = 1, **labels: str) -> None:
        """Count."""
        with self._lock:
            self._counts[name][tuple(sorted(labels.items()))] += count

    def took(self, route: str, seconds: float) -> None:
        """Note how long a request took."""
        with self._lock:
            place = next((i for i, s in enumerate(_BOUNDS_S) if seconds <= s), len(_BOUNDS_S))
            self._buckets[route][place] += 1
            self._sums[route] += seconds

    def text(self, gauges: Mapping[str, Mapping[_Labels, float]]) -> str:
        """Everything, with gauges as they stand now."""
        with self._lock:
            counts = {name: dict(values) for name, values in self._counts.items()}
            buckets = {route: list(counts) for route, counts in self._buckets.items()}
            sums = dict(self._sums)
        lines = []
        for name, (kind, words) in _HELP.items():
            lines += [f"# HELP {name} {words}", f"# TYPE {name} {kind}"]
            values = counts.get(name, gauges.get(name, {}))
            lines += [f"{name}{_shown(labels)} {value:g}" for labels, value in values.items()]
        lines += [f"# HELP {_SECONDS} How long requests took.", f"# TYPE {_SECONDS} histogram"]
        for route, each in buckets.items():
            lines += _histogram(route, each, sums[route])
        return "\n".join(lines) + "\n"


def _histogram(route: str, each: list[int], total_s: float) -> list[str]:
    lines, so_far = [], 0
    for bound, count in zip((*map(str, _BOUNDS_S), "+Inf"), each, strict=True):
        so_far += count
        lines.append(f"{_SECONDS}_bucket{_shown((('le', bound), ('route', route)))} {so_far}")
    route_label = _shown((("route", route),))
    return [
        *lines,
        f"{_SECONDS}_sum{route_label} {total_s:.6f}",
        f"{_SECONDS}_count{route_label} {so_far}",
    ]


def _shown(labels: _Labels) -> str:
    if not labels:
        return ""
    return "{" + ",".join(f'{name}="{_escaped(value)}"' for name, value in labels) + "}"


def _escaped(value: str) -> str:
    return value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
