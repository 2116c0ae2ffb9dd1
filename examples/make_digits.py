"""Make examples/digits: 300 of scikit-learn's handwritten digits as small PNGs.

Run with ``python examples/make_digits.py``; needs scikit-learn. The digits are the test part of
the UCI set "Optical recognition of handwritten digits" (Alpaydin and Kaynak 1998, CC BY 4.0).
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image
from sklearn.datasets import load_digits

PER_DIGIT, SIDE_PX = 30, 64
FOLDER = Path(__file__).parent / "digits"


def main() -> None:
    digits = load_digits()
    for digit in range(10):
        (FOLDER / str(digit)).mkdir(parents=True, exist_ok=True)
        for number, index in enumerate(np.flatnonzero(digits.target == digit)[:PER_DIGIT]):
            dark_on_white = (255 - digits.images[index] * (255 / 16)).round().astype(np.uint8)
            picture = Image.fromarray(dark_on_white).resize((SIDE_PX, SIDE_PX), Image.BICUBIC)
            picture.save(FOLDER / str(digit) / f"{digit}-{number:02}.png", optimize=True)


if __name__ == "__main__":
    main()
