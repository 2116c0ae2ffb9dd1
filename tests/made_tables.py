"""Small tables of every kind of tag: from them models of a few kilobytes are trained quickly."""

import numpy as np


def _table(place, name, lines):
    (place / name).write_text("\n".join(lines) + "\n", encoding="utf-8")
    return place / name


def iris_like(place, rows=40):
    """Two flowers told apart by a number and a colour; the table, and what train is told."""
    rng = np.random.default_rng(0)
    lines = ["petal,leaf,colour,kind"]
    for number in range(rows):
        meadow = number % 2
        petal, leaf = rng.normal(2 + 3 * meadow, 1.2), rng.normal(1, 1)
        colour = rng.choice(["a", "b"] if meadow else ["b", "c"])
        lines.append(f"{petal:.3f},{leaf:.3f},{colour},{('alpine', 'meadow')[meadow]}")
    return _table(place, "flowers.csv", lines), {"tag": "kind"}


def weather(place, rows=40):
    """Rain and wind, each by a number of its own."""
    rng = np.random.default_rng(1)
    lines = ["wet,gust,weather"]
    for wet, gust in rng.normal(size=(rows, 2)).tolist():
        given = [tag for tag, value in (("rain", wet), ("wind", gust)) if value > 0]
        lines.append(f"{wet:.3f},{gust:.3f},{'|'.join(given)}")
    return _table(place, "days.csv", lines), {"tag": "weather", "kind": "several"}


def houses(place, rows=40):
    """Prices by size and place."""
    rng = np.random.default_rng(2)
    lines = ["size,place,price"]
    for size in rng.uniform(1, 9, rows):
        place_ = rng.choice(["a", "b"])
        price = 3 * size + 2 * (place_ == "a") + rng.normal(0, 0.3)
        lines.append(f"{size:.3f},{place_},{price:.3f}")
    return _table(place, "houses.csv", lines), {"tag": "price"}
