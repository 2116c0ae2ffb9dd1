"""Drawn videos whose repetitions are known: a textured body moves up and down before a wall."""

from __future__ import annotations

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import numpy as np

from handful.videos import Frame

HEIGHT, WIDTH = 144, 192
WAVES = np.arange(6)


def _texture(rng: np.random.Generator, height: int, width: int, mean: float) -> np.ndarray:
    """Smooth random brightness."""
    coarse = rng.normal(mean, 45, (height // 8 + 3, width // 8 + 3))
    y, x = np.arange(height) / 8, np.arange(width) / 8
    rows = np.array([np.interp(x, np.arange(coarse.shape[1]), row) for row in coarse])
    columns = [np.interp(y, np.arange(coarse.shape[0]), column) for column in rows.T]
    return np.clip(np.array(columns).T, 8, 247)


def movement(
    repetitions: int = 6,
    period_s: float = 1.0,
    fps: float = 30.0,
    *,
    amplitude: float = 0.12,
    drift: float = 0.0,
    flicker: float = 0.0,
    shake_px: float = 0.0,
    noise: float = 0.0,
    rest_s: float = 0.0,
    seed: int = 0,
) -> Iterator[tuple[float, np.ndarray]]:
    """Time and brightness, uint8 (HEIGHT, WIDTH), of every frame; amplitude 0 stands still."""
    rng = np.random.default_rng(seed)
    margin = int(shake_px) + 2
    wall = _texture(rng, HEIGHT + 2 * margin, WIDTH + 2 * margin, 120)
    body = _texture(rng, HEIGHT // 2, WIDTH // 4, 60)
    phases = rng.uniform(0, 7, (2, len(WAVES)))
    speeds = rng.uniform(0.3, 5, (2, len(WAVES)))
    n = round((repetitions * period_s + 2 * rest_s) * fps)
    for i in range(n):
        time_s = i / fps
        turns = np.clip(time_s - rest_s, 0, repetitions * period_s) / period_s
        down, right = np.sin(2 * np.pi * speeds * time_s + phases).mean(axis=1) * shake_px
        top, left = margin + round(down), margin + round(right)
        picture = wall[top : top + HEIGHT, left : left + WIDTH].copy()
        y = round(HEIGHT * (0.25 - amplitude * np.cos(2 * np.pi * turns)) - down)
        x = round(WIDTH * 0.4 - right)
        picture[y : y + len(body), x : x + body.shape[1]] = body
        light = (1 - drift * i / n) * (1 + flicker * rng.normal())
        values = picture * light + (rng.normal(0, noise, picture.shape) if noise else 0)
        yield time_s, np.clip(values, 0, 255).astype(np.uint8)


def frames(*args: float, **how: float) -> Iterator[Frame]:
    """The same as frames of a video."""
    for time_s, picture in movement(*args, **how):
        yield Frame(picture, time_s)


def write_video(
    path: Path,
    pictures: Iterator[tuple[float, np.ndarray]],
    *,
    codec: str = "mpeg4",
    pixels: str = "yuv420p",
    container: str | None = None,
) -> Path:
    """A video file with the given times, variable or not."""
    import av

    with av.open(str(path), "w", format=container) as made:
        track = made.add_stream(codec, rate=30)
        track.pix_fmt = pixels
        track.codec_context.time_base = Fraction(1, 9000)
        track.bit_rate = 3_000_000
        for number, (time_s, picture) in enumerate(pictures):
            if not number:
                track.height, track.width = picture.shape
            frame = av.VideoFrame.from_ndarray(picture, format="gray").reformat(format=pixels)
            frame.pts, frame.time_base = round(time_s * 9000), Fraction(1, 9000)
            made.mux(track.encode(frame))
        made.mux(track.encode(None))
    return path
