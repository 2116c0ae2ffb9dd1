"""Resizes photos inside the graph: what looks at them decides how large they are.

Triangle filter over all source pixels, as Pillow's BILINEAR: the same photo at any source size
gives nearly the same result.
"""

from __future__ import annotations

import numpy as np

from handful.graphs import Graph

_STEP_PX = 32  # networks halve their input five times
_MOST_OBLONG = 4.0  # a photo longer than this is squeezed: its size must stay bounded


def write_resize(graph: Graph, samples: str, size_px: int) -> str:
    """Append a resize to size_px x size_px, whatever the shape.

    Takes uint8 (n, height, width, 3), gives float32 (n, 3, size_px, size_px).
    """
    return write_squeezing_resize(graph, samples, size_px, size_px)


def write_squeezing_resize(graph: Graph, samples: str, height_px: int, width_px: int) -> str:
    """Append a resize to height_px x width_px, whatever the shape.

    Takes uint8 (n, height, width, 3), gives float32 (n, 3, height_px, width_px).
    """
    return _write_to(graph, samples, graph.constant([height_px, width_px], np.int64))


def write_fitting_resize(graph: Graph, samples: str, size_px: int) -> str:
    """Append a resize to about size_px squared pixels that keeps the shape.

    Takes uint8 (n, height, width, 3), gives float32 (n, 3, h, w) with sides that are multiples
    of 32.
    """
    shape = graph.add("Shape", [samples], start=1, end=3)
    sides = graph.add("Cast", [shape], to=1)
    height, width = (graph.add("Gather", [sides, graph.constant([i], np.int64)]) for i in (0, 1))
    oblong = graph.add("Div", [width, height])
    bounds = [graph.constant(1 / _MOST_OBLONG), graph.constant(_MOST_OBLONG)]
    stretch = graph.add("Sqrt", [graph.add("Clip", [oblong, *bounds])])
    steps = graph.constant([size_px / _STEP_PX])
    across = graph.add("Mul", [steps, stretch])
    down = graph.add("Div", [steps, stretch])
    whole = graph.add("Round", [graph.add("Concat", [down, across], axis=0)])
    fitting = graph.add("Mul", [whole, graph.constant(float(_STEP_PX))])
    return _write_to(graph, samples, graph.add("Cast", [fitting], to=7))


def _write_to(graph: Graph, samples: str, sizes: str) -> str:
    values = graph.add("Cast", [samples], to=1)
    small = graph.add(
        "Resize",
        [values, "", "", sizes],
        axes=[1, 2],
        antialias=1,
        exclude_outside=1,  # as Pillow: past the edge there is nothing, not the edge again
        mode="linear",
        coordinate_transformation_mode="half_pixel",
    )
    return graph.add("Transpose", [small], perm=[0, 3, 1, 2])
