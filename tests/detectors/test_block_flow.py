"""Grids and flow: against plain means, and against movements made by hand."""

import numpy as np
import pytest

from handful.detectors.block_flow import (
    BLOCK_COLUMNS,
    BLOCK_ROWS,
    COLUMNS,
    ROWS,
    flow_between,
    grid_of,
    log_light,
)
from handful.videos import Frame

N_BLOCKS = BLOCK_ROWS * BLOCK_COLUMNS


@pytest.fixture
def picture():
    """Every row of a cell alike, so that looking at some of them gives the mean of all."""
    rng = np.random.default_rng(0)
    return np.repeat(rng.integers(0, 256, (ROWS, 400), dtype=np.uint8), 20, axis=0)


def test_a_cell_is_the_mean_of_its_pixels(picture):
    expected = picture.reshape(ROWS, 20, COLUMNS, 10).mean(axis=(1, 3))
    np.testing.assert_allclose(grid_of(Frame(picture, 0.0)), expected, rtol=1e-5)


@pytest.mark.parametrize("turns", [1, 2, 3])
def test_a_turned_video_gives_the_grid_of_the_upright_one(picture, turns):
    smooth = np.arange(640)[:, None] * 0.2 + np.arange(640) * 0.15
    luma = smooth.astype(np.uint8)
    turned = Frame(np.ascontiguousarray(np.rot90(luma, -turns)), 0.0, turns)
    np.testing.assert_allclose(grid_of(turned), grid_of(Frame(luma, 0.0)), atol=2.5)


def test_rows_may_be_longer_than_the_picture(picture):
    padded = np.full((640, 512), 255, np.uint8)
    padded[:, :400] = picture
    np.testing.assert_array_equal(
        grid_of(Frame(padded[:, :400], 0.0)), grid_of(Frame(picture, 0.0))
    )


def waves(down=0.0, right=0.0):
    """A smooth pattern moved by cells, brightness (ROWS, COLUMNS)."""
    y, x = np.mgrid[0:ROWS, 0:COLUMNS].astype(float)
    y, x = y - down, x - right
    return 120 + 30 * np.sin(0.9 * y + 0.3 * x) + 25 * np.cos(0.7 * x - 0.4 * y + 1)


def light(values):
    return log_light(values.astype(np.float32))


@pytest.mark.parametrize(("down", "right"), [(0.4, 0.0), (0.0, -0.7), (1.2, 0.8), (-2.0, 1.5)])
def test_the_camera_is_followed_and_taken_out(down, right):
    flow = flow_between(light(waves()), light(waves(down, right)), 1.0)
    assert flow.shift_down == pytest.approx(down, abs=0.15)
    assert flow.shift_right == pytest.approx(right, abs=0.15)
    assert np.square(flow.blocks).sum() < 0.05 * flow.camera


@pytest.mark.parametrize(
    ("down", "right", "part", "sign"),
    [(0.4, 0, slice(0, N_BLOCKS), 1), (-0.4, 0, slice(0, N_BLOCKS), -1),
     (0, 0.4, slice(N_BLOCKS, None), 1), (0, -0.4, slice(N_BLOCKS, None), -1)],
)  # fmt: skip
def test_a_part_that_moves_stands_out_with_its_direction(down, right, part, sign):
    after = waves()
    after[8:16, 16:24] = waves(down, right)[8:16, 16:24]
    flow = flow_between(light(waves()), light(after), 1.0)
    assert max(abs(flow.shift_down), abs(flow.shift_right)) < 0.1
    moved = flow.blocks[part]
    middle = BLOCK_COLUMNS + 2  # second row of blocks, third column
    assert np.argmax(np.abs(moved)) == middle
    assert np.sign(moved[middle]) == sign


def test_light_is_no_movement():
    flow = flow_between(light(waves()), light(1.3 * waves()), 1.0)
    assert np.square(flow.blocks).sum() == pytest.approx(0, abs=1)
    assert flow.camera == pytest.approx(0, abs=1)


def test_a_cut_is_no_movement():
    other = waves(7.3, 11.1)[::-1].copy()
    flow = flow_between(light(waves()), light(other), 1.0)
    assert not flow.blocks.any()


def test_slow_frames_do_not_move_faster():
    after = waves()
    after[8:16, 16:24] = waves(0.4)[8:16, 16:24]
    once = flow_between(light(waves()), light(after), 1.0).blocks
    half = flow_between(light(waves()), light(after), 0.5).blocks
    np.testing.assert_allclose(half, once / 2, rtol=1e-3, atol=1e-3)
