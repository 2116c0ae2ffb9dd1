"""Make examples/digits and digits-new: 350 of scikit-learn's digits as small PNGs.

Run with ``python examples/make_digits.py``; needs scikit-learn. The digits are the test part of
the UCI set "Optical recognition of handwritten digits" (Alpaydin and Kaynak 1998, CC BY 4.0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

PER_DIGIT, NEW_PER_DIGIT, SIDE_PX = 30, 5, 64
HERE = Path(__file__).parent


def main() -> None:
    digits = load_digits()
    for digit in range(10):
        found = np.flatnonzero(digits.target == digit)
        for number, index in enumerate(found[: PER_DIGIT + NEW_PER_DIGIT]):
            folder = HERE / ("digits" if number < PER_DIGIT else "digits-new") / str(digit)
            folder.mkdir(parents=True, exist_ok=True)
            save(digits.images[index], folder / f"{digit}-{number:02}.png")


def save(image: np.ndarray, path: Path) -> None:
    dark_on_white = (255 - image * (255 / 16)).round().astype(np.uint8)
    picture = Image.fromarray(dark_on_white).resize((SIDE_PX, SIDE_PX), Image.BICUBIC)
    picture.save(path, optimize=True)


if __name__ == "__main__":
    main()
