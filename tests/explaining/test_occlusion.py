"""What a model looks at, for models of which that is known."""

import numpy as np

from handful.explaining.occlusion import occlusion


def test_only_the_part_that_counts_lights_up():
    pixels = np.zeros((70, 140, 3), np.uint8)
    pixels[0:10, 60:80] = 255  # the first row's fourth cell

    def share(inputs):
        return [float(one["pixels"][0, 2:8, 62:78].mean() / 255) for one in inputs]

    drops = occlusion(pixels, share)
    assert drops.shape == (7, 7)
    assert np.unravel_index(drops.argmax(), drops.shape) == (0, 3)
    colour = round(255 * 200 / 9800)  # what covers: the photo's mean
    assert drops[0, 3] == 1 - colour / 255
    assert not drops[2:].any()


def test_photos_that_are_smaller_than_the_grid_are_taken():
    pixels = np.arange(27, dtype=np.uint8).reshape(3, 3, 3)
    drops = occlusion(pixels, lambda inputs: [one["pixels"].mean() for one in inputs])
    assert np.isfinite(drops).all()
