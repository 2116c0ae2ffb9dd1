"""The exported page in a real browser: the same answers as Python, and nothing sent anywhere."""

import functools
import http.server
import io
import json
import threading
import zipfile

import numpy as np
import pytest
import soxr
from hard_samples import HARD, ten_photos
from PIL import Image

import handful
from handful.pictures.patterns import patterns
from made_sounds import noise

pytestmark = pytest.mark.browser

# Where the browser decodes otherwise than Pillow; measured in docs/exporting.md.
_JPEG = 0.02  # colour is averaged elsewhere where a JPEG is shrunk while it is decoded


class Quiet(http.server.SimpleHTTPRequestHandler):
    def log_message(self, *words):
        pass


@pytest.fixture(scope="module")
def served(models, browser_runtime, tmp_path_factory):
    """A function that exports a model, unpacks the page, and serves it as anyone would."""
    servers = []

    def serve(kind):
        folder = tmp_path_factory.mktemp("page")
        file = folder / "page.zip"
        handful.export(models[kind], file)
        with zipfile.ZipFile(io.BytesIO(file.read_bytes())) as packed:
            packed.extractall(folder / "page")
        handler = functools.partial(Quiet, directory=str(folder / "page"))
        server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), handler)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_address[1]}/"

    yield serve
    for server in servers:
        server.shutdown()
        server.server_close()


def test_opened_as_a_file_it_says_what_it_needs(models, browser_runtime, browser, tmp_path):
    handful.export(models["numbers"], tmp_path / "page.zip")
    with zipfile.ZipFile(tmp_path / "page.zip") as packed:
        packed.extractall(tmp_path / "page")
    page = browser.new_page()
    page.goto((tmp_path / "page" / "index.html").as_uri())
    page.wait_for_timeout(500)  # longer than what comes from a server takes to replace it
    assert "has to come from a web server" in page.locator("#state").inner_text()
    page.close()


_SLOW_QUESTION = """
    window.asked = 0;
    navigator.mediaDevices.getUserMedia = async () => {
      window.asked += 1;
      await new Promise(done => setTimeout(done, 500));
      throw new Error("not allowed");
    };
"""


@pytest.mark.parametrize(
    ("from_hz", "to_hz", "most"),
    [(8000, 16_000, 1e-6), (48_000, 16_000, 1e-6), (22_050, 16_000, 1e-3), (44_100, 32_000, 1e-3)],
)
def test_another_rate_is_that_of_the_resampler_that_taught(served, browser, from_hz, to_hz, most):
    clip = noise(0.5, rate_hz=from_hz, rms=0.1).astype(np.float32)
    page = browser.new_page()
    page.goto(served("sounds"))
    found = page.evaluate(
        """async ([clip, fromHz, toHz]) => {
        const { resampled } = await import("./resampling.js");
        return Array.from(resampled(Float32Array.from(clip), fromHz, toHz));
        }""",
        [clip.tolist(), from_hz, to_hz],
    )
    page.close()
    expected = soxr.resample(clip, from_hz, to_hz)
    inner = slice(to_hz // 50, -to_hz // 50)  # away from the edges, where nothing went before
    error = np.std(np.asarray(found)[inner] - expected[inner]) / np.std(expected)
    assert len(found) == len(expected)
    assert error < most


def test_the_microphone_is_asked_for_once_however_often_is_clicked(served, browser):
    page = browser.new_page()
    page.add_init_script(_SLOW_QUESTION)
    page.goto(served("sounds"))
    page.locator("html[data-ready]").wait_for(timeout=60_000)
    for _ in range(3):
        page.locator("#record").click()
    page.get_by_text("cannot be used: it is missing").wait_for()
    assert page.evaluate("window.asked") == 1
    page.locator("#record").click()
    assert page.evaluate("window.asked") == 2
    page.close()


class Opened:
    """The page, ready, and whatever it did that it should not have done."""

    def __init__(self, page, url):
        self.page, self.faults = page, []
        page.on("console", lambda message: self.faults.append(f"console: {message.text}"))
        page.on("pageerror", lambda error: self.faults.append(f"error: {error}"))
        page.on("request", lambda request: self._look(request.url, url))
        page.goto(url)
        page.locator("html[data-ready]").wait_for(timeout=60_000)

    def _look(self, asked, url):
        if not asked.startswith((url, "data:", "blob:")):
            self.faults.append(f"request: {asked}")

    def ask(self, give):
        """What it says of what `give` gives."""
        n = self.page.locator("article").count()
        give()
        self.page.locator("article").nth(n).wait_for(timeout=60_000)
        newest = self.page.locator("article").first
        assert newest.get_attribute("data-refused") is None
        return json.loads(newest.get_attribute("data-answer"))

    def ask_files(self, files):
        return [self.ask(lambda f=file: self.page.set_input_files("#files", f)) for file in files]


@pytest.fixture
def opened(browser, served):
    contexts = []

    def visit(kind, width=1100, theme="light"):
        contexts.append(
            browser.new_context(viewport={"width": width, "height": 800}, color_scheme=theme)
        )
        return Opened(contexts[-1].new_page(), served(kind))

    yield visit
    for context in contexts:
        context.close()


def same(found, said, allowed=1e-3):
    shares = list(said.probabilities.values())
    assert found["probabilities"] == pytest.approx(shares, abs=allowed), said.file
    assert found["tag"] == said.tag
    assert found["known"] == said.known


def test_ten_photos(models, opened, tmp_path):
    files = ten_photos(tmp_path / "photos")
    page = opened("images")
    said = handful.predict(models["images"], files)
    unsure = [one for one in said if one.probability < 0.99]
    assert len(unsure) >= 10  # else equal answers would show little
    for found, one in zip(page.ask_files(files), said, strict=True):
        same(found, one, _JPEG if one.file.endswith("jpg") else 1e-3)
    assert page.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["images", "sounds", "texts", "series"])
def test_samples_as_they_come(kind, models, opened, tmp_path):
    files = HARD[kind](tmp_path / kind)
    page = opened(kind)
    for found, one in zip(page.ask_files(files), handful.predict(models[kind], files), strict=True):
        same(found, one)
    assert page.faults == []


@pytest.mark.slow
@pytest.mark.parametrize("kind", ["tables", "numbers", "several"])
def test_a_row_is_filled_in_as_a_form(kind, models, opened, tmp_path):
    page = opened(kind).page
    rows = {
        "tables": {
            "petal_cm": "3.4",
            "leaf_cm": "",
            "height_cm": "31",
            "colour": "blue",
            "seen": "2026-05-03",
        },
        "numbers": {"width": "0.5", "height": "-1.25", "colour": "red"},
        "several": {"width": "0.1", "height": "1"},
    }
    row = rows[kind]
    file = tmp_path / "row.json"
    file.write_text(json.dumps({name: cell or None for name, cell in row.items()}))
    (said,) = handful.predict(models[kind], file)
    for name, cell in row.items():
        page.locator(f"[data-column={name}]").fill(cell)
    page.get_by_role("button", name="Ask").click()
    page.locator("article").wait_for()
    found = json.loads(page.locator("article").get_attribute("data-answer"))
    assert found["known"] == said.known
    if kind == "numbers":
        assert found["value"] == pytest.approx(said.value, rel=1e-4)
        return
    assert found["probabilities"] == pytest.approx(list(said.probabilities.values()), abs=1e-3)
    if kind == "several":
        assert found["tags"] == list(said.tags)
    else:
        assert found["tag"] == said.tag


def test_none_of_these_is_the_headline(models, opened, tmp_path):
    """On a phone, in the dark."""
    for number, pixels in enumerate(patterns()):
        Image.fromarray(pixels).save(tmp_path / f"{number:02}.png")
    said = handful.predict(models["images"], sorted(tmp_path.iterdir()))
    stranger = next(one.file for one in said if not one.known)
    page = opened("images", 360, "dark")
    assert not page.ask_files([stranger])[0]["known"]
    assert page.page.get_by_role("heading", name="None of these").is_visible()
    assert page.page.evaluate("document.documentElement.scrollWidth <= innerWidth")


def test_what_cannot_be_read_is_refused_in_words(opened, tmp_path):
    page = opened("images")
    file = tmp_path / "notes.png"
    file.write_text("no photo")
    page.page.set_input_files("#files", file)
    page.page.locator("article").wait_for()
    assert "is not a photo" in page.page.locator("article").get_attribute("data-refused")
