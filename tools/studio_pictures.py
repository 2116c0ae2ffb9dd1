"""Pictures of every screen of the studio, at desk and phone width: docs/studio-*.png.

`.venv/bin/python tools/studio_pictures.py` trains on examples/digits in a folder of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
import wave
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"": (1200, 760), "-phone": (390, 760)}
SCREENS = ("samples", "train", "report", "try", "watch", "ship")
PATIENCE_MS = 300_000


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(ROOT / "examples" / "digits", Path(place) / "digits")
        with studio(folder, Path(place) / "model") as url, sync_playwright() as playwright:
            path = shutil.which("chromium")
            switches = ["--no-sandbox", *devices(Path(place))]
            browser = playwright.chromium.launch(executable_path=path, args=switches)
            for name, (width, height) in WIDTHS.items():
                page = browser.new_page(viewport={"width": width, "height": height})
                page.set_default_timeout(PATIENCE_MS)
                page.goto(url)
                if not name:
                    train(page, 1)
                    spoil(page)
                    train(page, 2)
                for screen in SCREENS:
                    show(page, screen, next((folder / "7").iterdir()))
                    page.screenshot(path=ROOT / "docs" / f"studio-{screen}{name}.png")
            browser.close()


def devices(place: Path) -> tuple[str, ...]:
    """A camera that sees something go up and down, a microphone that hears noise and two bursts."""
    rows, columns = np.mgrid[:240, :320]
    wall = 110 + 40 * np.sin(columns / 9) * np.sin(rows / 13)
    with (place / "camera.y4m").open("wb") as film:
        film.write(b"YUV4MPEG2 W320 H240 F30:1 Ip A1:1 C420jpeg\n")
        for number in range(360):  # ten times in twelve seconds
            luma, top = wall.copy(), round(60 - 45 * np.cos(2 * np.pi * number / 36))
            ball = np.hypot(rows - top - 60, columns - 160) < 42
            luma[ball] = 215 - 0.7 * np.hypot(rows - top - 45, columns - 145)[ball]
            colours = bytes([118]) * 19200 + bytes([138]) * 19200
            film.write(b"FRAME\n" + luma.astype(np.uint8).tobytes() + colours)
    samples = np.random.default_rng(0).normal(0, 0.01, 24 * 48_000)
    for start_s, end_s in ((11.0, 12.0), (16.0, 16.5)):
        samples[round(48_000 * start_s) : round(48_000 * end_s)] *= 10
    with wave.open(str(place / "microphone.wav"), "wb") as sound:
        sound.setparams((1, 2, 48_000, 0, "NONE", ""))
        sound.writeframes((samples.clip(-1, 1) * 32767).astype("<i2").tobytes())
    return (
        "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream",
        f"--use-file-for-fake-video-capture={place / 'camera.y4m'}",
        f"--use-file-for-fake-audio-capture={place / 'microphone.wav'}",
    )  # fmt: skip


@contextmanager
def studio(folder: Path, model: Path) -> Iterator[str]:
    """The address of a studio that is open meanwhile."""
    command = Path(sysconfig.get_path("scripts")) / "handful"
    words = ["studio", folder, "--model", model, "--port", "0", "--no-show", "--json"]
    with subprocess.Popen([command, *words], stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        try:
            yield json.loads(line)["url"]
        finally:
            process.terminate()


def train(page: Page, n_results: int) -> None:
    """Until so many results stand side by side."""
    page.click(".top nav a[href='#train']")
    page.click("#train")
    page.locator(f"#beside article:nth-child({n_results})").wait_for()


def spoil(page: Page) -> None:
    """Move three samples to a wrong tag, so that there is something to look at."""
    page.click(".top nav a[href='#samples']")
    page.locator("#tags li[data-tag='3'] .choose").click()
    page.locator(".tile").nth(0).click()
    page.locator(".tile").nth(2).click(modifiers=["Shift"])
    page.select_option("#move-to", "8")
    page.locator("#toast", has_text="moved to 8").wait_for()


def show(page: Page, screen: str, photo: Path) -> None:
    """A screen with something on it."""
    page.click(f".top nav a[href='#{screen}']")
    if screen == "samples":
        page.locator("#tags .choose").first.click()
    if screen == "try":
        page.set_input_files("#try-file", photo)
        page.locator("#answer").wait_for()
        page.click("#looked")
        page.locator("#heat").wait_for()
        page.locator("#try-title").scroll_into_view_if_needed()
    if screen == "watch":
        page.fill("#hearing-baseline", "8")
        page.click("#movement-live")
        page.click("#hearing-live")
        page.locator("#hearing-events tr").nth(1).wait_for()
        top = "#watch-title" if page.evaluate("innerWidth > 800") else "#movement-live"
        page.locator(top).evaluate("part => part.scrollIntoView()")
    page.wait_for_timeout(10_000 if screen == "samples" else 2000)  # the last message goes


if __name__ == "__main__":
    main()
