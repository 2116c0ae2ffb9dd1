"""How fast the studio is for the person before it, in a real browser.

    python benchmarks/studio.py [--turns N] [--photos N] [start] [grid] [judge] [live]

start   The command to its first page, all of it there; warm, median of the turns. Aim: 1 s.
grid    A folder of 10,000 made photos: its address opened to the first rows of thumbnails, median
        of the turns (aim: 1 s); then scrolled from top to bottom: the longest task that kept the
        page from answering (aim: 100 ms; tasks below 50 ms are not told by the browser).
judge   The 300 photos of rubbish (or, without them, examples/digits), trained once; one photo is
        moved to another tag: the last change to the new judgement. Median of the turns. Aim: 5 s.
live    A camera of 640 x 480 pixels on that model: answers a second over ten seconds. Aim: 10.

It says how busy the machine was before each: above a load of 1.5 on two cores the figures are of
the other programs too. Writes build/benchmarks/studio.json.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import signal
import statistics
import subprocess
import sysconfig
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image
from playwright.sync_api import Browser, Page, sync_playwright

from measure import PHOTOS, table, write

ROOT = Path(__file__).resolve().parents[1]
QUIET = 1.5
PATIENCE_MS = 300_000
_DEVICES = ("--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream")
_WATCH_TASKS = """() => {
  window.longest = 0;
  new PerformanceObserver(list => {
    for (const task of list.getEntries()) window.longest = Math.max(window.longest, task.duration);
  }).observe({entryTypes: ["longtask"]});
}"""
_SCROLL = """async () => {
  const grid = document.getElementById("grid"), steps = 400;
  for (let step = 0; step <= steps; step += 1) {
    grid.scrollTop = step / steps * grid.scrollHeight;
    await new Promise(requestAnimationFrame);
  }
  return window.longest;
}"""
_PAINTED = """() => {
  const views = [...document.querySelectorAll(".tile img")];
  return views.length > 5 && views.every(image => image.complete && image.naturalWidth);
}"""


def main() -> None:
    options = _options()
    rows: list[dict[str, Any]] = []
    with tempfile.TemporaryDirectory() as place, sync_playwright() as playwright:
        camera = _film(Path(place) / "camera.y4m")
        browser = playwright.chromium.launch(
            executable_path=shutil.which("chromium"),
            args=["--no-sandbox", *_DEVICES, f"--use-file-for-fake-video-capture={camera}"],
        )
        for name, work in (("start", start), ("grid", grid), ("judge", judge)):
            if name in options.what or (name == "judge" and "live" in options.what):
                load = os.getloadavg()[0]
                found = work(browser, Path(place), options)
                rows += [{"load": round(load, 1), **row} for row in found]
                table(rows[-len(found) :])
        browser.close()
    if any(row["load"] > QUIET for row in rows):
        print(f"mind: the load was above {QUIET}; these figures are no verdict")
    write("studio", {"rows": rows})


@contextmanager
def studio(folder: Path, model: Path) -> Iterator[str]:
    """The address of a studio that is open meanwhile."""
    command = Path(sysconfig.get_path("scripts")) / "handful"
    words = [command, "studio", folder, "--model", model, "--port", "0", "--no-show", "--json"]
    with subprocess.Popen(words, stdout=subprocess.PIPE, text=True) as process:
        line = process.stdout.readline() if process.stdout else ""
        try:
            yield json.loads(line)["url"]
        finally:
            process.send_signal(signal.SIGTERM)


def start(browser: Browser, place: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """From the command to the page."""
    took = []
    for _ in range(options.turns + 1):  # the first warms the disk
        began_s = time.perf_counter()
        with studio(place / "empty", place / "none") as url:
            page = _page(browser, url)
            took.append(time.perf_counter() - began_s)
            page.close()
    return [_row("command to first page, s", took[1:], 1.0)]


def grid(browser: Browser, place: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """First rows of many photos, and scrolling."""
    folder = _photos(place / "many", options.photos)
    first, longest = [], []
    with studio(folder, place / "none") as url:
        for _ in range(options.turns):
            page = browser.new_page(viewport={"width": 1200, "height": 800})
            page.set_default_timeout(PATIENCE_MS)
            began_s = time.perf_counter()
            page.goto(url)
            page.wait_for_function(_PAINTED)
            first.append(time.perf_counter() - began_s)
            page.evaluate(_WATCH_TASKS)
            longest.append(page.evaluate(_SCROLL))
            page.close()
    return [
        _row(f"{options.photos} photos: address to first rows, s", first, 1.0),
        _row(f"{options.photos} photos: longest task while scrolling, ms", longest, 100.0, max),
    ]


def judge(browser: Browser, place: Path, options: argparse.Namespace) -> list[dict[str, Any]]:
    """Trained again after one photo was moved; then the camera."""
    source = PHOTOS if PHOTOS.is_dir() else ROOT / "examples" / "digits"
    folder = shutil.copytree(source, place / "photos")
    tags = sorted(path for path in folder.iterdir() if path.is_dir())
    took, rows = [], []
    with studio(folder, place / "model") as url:
        page = _page(browser, url)
        page.click(".top nav a[href='#train']")
        _train(page)
        for turn in range(options.turns if "judge" in options.what else 0):
            moved = sorted(tags[0].iterdir())[turn]
            moved.rename(tags[1] / moved.name)
            page.wait_for_timeout(3000)  # the page has seen it
            took.append(_train(page))
        if took:
            rows.append(_row("300 photos, one moved: to the new judgement, s", took, 5.0))
        if "live" in options.what:
            rows.append(_live(page))
        page.close()
    return rows


def _live(page: Page) -> dict[str, Any]:
    page.click(".top nav a[href='#try']")
    page.click("#live")
    page.locator("#pace[data-rate]").wait_for()
    rates = []
    for _ in range(10):
        page.wait_for_timeout(1000)
        rates.append(float(page.get_attribute("#pace", "data-rate") or 0))
    page.click("#live")
    return _row("camera, answers a second", rates, 10.0)


def _train(page: Page) -> float:
    """Seconds from the button to the result."""
    began_s = time.perf_counter()
    page.click("#train")
    page.locator("#cancel").wait_for()
    page.locator("#cancel").wait_for(state="hidden")
    return time.perf_counter() - began_s


def _page(browser: Browser, url: str) -> Page:
    page = browser.new_page(viewport={"width": 1200, "height": 800})
    page.set_default_timeout(PATIENCE_MS)
    page.goto(url)
    page.locator("html[data-ready]").wait_for()
    return page


def _photos(folder: Path, n_photos: int) -> Path:
    """Small photos of noise under ten tags."""
    rng = np.random.default_rng(0)
    for number in range(n_photos):
        tag = folder / f"tag {number % 10}"
        tag.mkdir(parents=True, exist_ok=True)
        coarse = Image.fromarray(rng.integers(0, 256, (6, 8, 3), np.uint8))
        coarse.resize((320, 240)).save(tag / f"photo-{number:05}.jpg", quality=80)
    return folder


def _film(path: Path) -> Path:
    """Two seconds of a picture of 640 x 480 that slides, as YUV4MPEG2."""
    rng = np.random.default_rng(1)
    wide = Image.fromarray(rng.integers(0, 256, (12, 24), np.uint8)).resize((700, 480))
    luma, colours = np.asarray(wide), bytes([128]) * (640 * 480 // 2)
    with path.open("wb") as file:
        file.write(b"YUV4MPEG2 W640 H480 F30:1 Ip A1:1 C420jpeg\n")
        for left in range(60):
            file.write(b"FRAME\n" + luma[:, left : left + 640].tobytes() + colours)
    return path


def _row(what: str, found: list[float], aim: float, summary: Any = statistics.median) -> dict:
    return {"what": what, "found": round(summary(found), 2), "aim": aim,
            "least": round(min(found), 2), "most": round(max(found), 2)}  # fmt: skip


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else "")
    names = ("start", "grid", "judge", "live")
    parser.add_argument("what", nargs="*", choices=[*names, []], default=[])
    parser.add_argument("--turns", type=int, default=5)
    parser.add_argument("--photos", type=int, default=10_000)
    options = parser.parse_args()
    options.what = options.what or list(names)
    return options


if __name__ == "__main__":
    main()
