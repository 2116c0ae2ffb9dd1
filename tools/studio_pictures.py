"""Pictures of every screen of the studio, at desk and phone width: docs/studio-*.png.

`.venv/bin/python tools/studio_pictures.py` trains on examples/digits in a folder of its own.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sysconfig
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

ROOT = Path(__file__).resolve().parents[1]
WIDTHS = {"": (1200, 760), "-phone": (390, 760)}
SCREENS = ("samples", "train", "report", "try", "ship")
PATIENCE_MS = 300_000


def main() -> None:
    """Make them all."""
    with tempfile.TemporaryDirectory() as place:
        folder = shutil.copytree(ROOT / "examples" / "digits", Path(place) / "digits")
        with studio(folder, Path(place) / "model") as url, sync_playwright() as playwright:
            path = shutil.which("chromium")
            browser = playwright.chromium.launch(executable_path=path, args=["--no-sandbox"])
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
    page.wait_for_timeout(10_000 if screen == "samples" else 2000)  # the last message goes


if __name__ == "__main__":
    main()
