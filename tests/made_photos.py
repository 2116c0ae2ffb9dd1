"""Real photos as programs, phones and people leave them: copies that are no files' twins."""

import io
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image, ImageEnhance


def saved_again(image, quality=70):
    out = io.BytesIO()
    image.save(out, "JPEG", quality=quality)
    return Image.open(io.BytesIO(out.getvalue())).convert("RGB")


def resized(image, share=0.6):
    return image.resize([round(side * share) for side in image.size], Image.Resampling.BICUBIC)


def cropped(image, share=0.05, corner=(0.5, 0.5)):
    """Without `share` of its width and of its height, `corner` of that at the left and top."""
    width, height = image.size
    left, top = round(width * share * corner[0]), round(height * share * corner[1])
    return image.crop(
        (left, top, left + round(width * (1 - share)), top + round(height * (1 - share)))
    )


def turned(image, degrees=3):
    """Turned a little; the corners that come free are cut off."""
    return cropped(image.rotate(degrees, Image.Resampling.BICUBIC), 0.1)


def brightened(image, factor=1.15):
    return ImageEnhance.Brightness(image).enhance(factor)


def mirrored(image):
    return image.transpose(Image.Transpose.FLIP_LEFT_RIGHT)


def noisy(image, sigma=6, seed=0):
    noise = np.random.default_rng(seed).normal(0, sigma, (image.height, image.width, 3))
    return Image.fromarray(np.clip(np.asarray(image) + noise, 0, 255).astype(np.uint8))


COPIES = {
    "saved again": saved_again,
    "resized": resized,
    "cropped by 5 %": cropped,
    "turned by 3 degrees": turned,
    "brighter": brightened,
    "darker": lambda image: brightened(image, 0.85),
    "mirrored": mirrored,
    "noisy": noisy,
}


def ten_copies(image, seed):
    """The photo and nine jittered, resaved, brightened versions of it."""
    rng = np.random.default_rng(seed)
    versions = [image]
    for _ in range(9):
        copy = cropped(image, rng.uniform(0, 0.05), rng.uniform(0, 1, 2))
        copy = brightened(copy, rng.uniform(0.9, 1.1))
        versions.append(saved_again(copy, int(rng.integers(60, 95))))
    return versions


PACKAGED = {
    "china": ("sklearn", "datasets/images/china.jpg"),
    "flower": ("sklearn", "datasets/images/flower.jpg"),
    "cat": ("skimage", "data/chelsea.png"),
    "coffee": ("skimage", "data/coffee.png"),
    "rocket": ("skimage", "data/rocket.jpg"),
    "astronaut": ("skimage", "data/astronaut.png"),
    "motorcycle": ("skimage", "data/motorcycle_left.png"),
    "motorcycle, a step aside": ("skimage", "data/motorcycle_right.png"),
    "bricks": ("skimage", "data/brick.png"),
    "grass": ("skimage", "data/grass.png"),
    "gravel": ("skimage", "data/gravel.png"),
    "coins": ("skimage", "data/coins.png"),
    "moon": ("skimage", "data/moon.png"),
}


def packaged(name):
    """A real photo that an installed package carries."""
    package, path = PACKAGED[name]
    folder = find_spec(package).submodule_search_locations[0]
    with Image.open(Path(folder) / path) as image:
        return image.convert("RGB")
