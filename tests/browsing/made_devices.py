"""What Chromium's fake camera and microphone are fed with, and a Chromium that uses them."""

from __future__ import annotations

import contextlib
import io
import shutil

import numpy as np
import soundfile
from PIL import Image, ImageDraw, ImageFilter

_NAMES = ("chromium", "chromium-browser", "google-chrome")
_SWITCHES = ("--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
             "--disable-background-networking", "--disable-component-update", "--disable-sync",
             "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
             "--autoplay-policy=no-user-gesture-required")  # fmt: skip
FRAMES = 24


@contextlib.contextmanager
def chromium(other, *switches):
    """A browser like another one, with a camera or a microphone of its own."""
    path = next(found for name in _NAMES if (found := shutil.which(name)))
    browser = other.browser_type.launch(executable_path=path, args=[*_SWITCHES, *switches])
    try:
        yield browser
    finally:
        browser.close()


def film(path, corners, seed):
    """A thing before a camera, a little moved from frame to frame; each seed another place."""
    rng = np.random.default_rng(seed)
    ground, ink = rng.integers(20, 120, 3), rng.integers(140, 250, 3)
    centre = rng.uniform([120, 90], [200, 150])
    frames = []
    for _ in range(FRAMES):
        image = Image.new("RGB", (320, 240), tuple(ground.tolist()))
        x, y = centre + rng.uniform(-6, 6, 2)
        draw = ImageDraw.Draw(image)
        radius, turn_deg = 70 + rng.uniform(-4, 4), rng.uniform(0, 90)
        if corners:
            draw.regular_polygon((x, y, radius), corners, turn_deg, tuple(ink.tolist()))
        else:
            draw.circle((x, y), radius, tuple(ink.tolist()))
        pixels = np.asarray(image.filter(ImageFilter.GaussianBlur(1))) + rng.normal(
            0, 6, (240, 320, 3)
        )
        out = io.BytesIO()
        Image.fromarray(np.clip(pixels, 0, 255).astype(np.uint8)).save(out, "JPEG", quality=90)
        frames.append(out.getvalue())
    path.write_bytes(b"".join(frames))
    return f"--use-file-for-fake-video-capture={path}"


def noise(path, hertz, seed):
    """Half a minute of tones around a pitch, or of hiss (0 Hz), ever different."""
    rng = np.random.default_rng(seed)
    rate_hz = 48_000
    pieces = []
    for _ in range(60):
        t_s = np.arange(rate_hz // 2) / rate_hz
        tone = np.sin(2 * np.pi * hertz * rng.uniform(0.6, 1.6) * t_s)
        hiss = rng.normal(0, 1, len(t_s))
        pieces.append(0.3 * (0.9 * tone + 0.1 * hiss if hertz else hiss * rng.uniform(0.5, 1)))
    soundfile.write(path, np.concatenate(pieces).clip(-1, 1), rate_hz, subtype="PCM_16")
    return f"--use-file-for-fake-audio-capture={path}"


def moving(path, pictures, fps=30):
    """Drawn brightness (time, uint8 picture) as a camera's film, over and over: YUV4MPEG2."""
    with path.open("wb") as file:
        for at, (_, luma) in enumerate(pictures):
            height, width = luma.shape
            if not at:
                file.write(f"YUV4MPEG2 W{width} H{height} F{fps}:1 Ip A1:1 C420jpeg\n".encode())
            grey = bytes([128]) * (width * height // 2)
            file.write(b"FRAME\n" + luma.tobytes() + grey)
    return f"--use-file-for-fake-video-capture={path}"
