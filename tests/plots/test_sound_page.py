"""The page of `listen`, seen in a real browser; the meter, seen in a terminal."""

import base64
import io
import re

import numpy as np
import pytest
from PIL import Image
from rich.console import Console

import handful
from handful.plots.meter import meter_line
from made_sounds import RATE_HZ, hall, noise, write_wav


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    folder = tmp_path_factory.mktemp("page")
    path = write_wav(folder / "<b>hall.wav", hall())
    handful.listen(path, plot=folder / "hall.html").finish()
    return folder / "hall.html"


@pytest.mark.browser
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1200])
def test_it_says_and_shows_what_was_heard(browser, page, width, scheme):
    tab = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
    faults = []
    tab.on("console", lambda message: faults.append(message.text))
    tab.goto(page.as_uri())
    assert faults == []
    assert tab.evaluate("document.documentElement.scrollWidth <= innerWidth")
    tree = tab.locator("body").aria_snapshot()
    assert 'heading "2 unusual sounds"' in tree
    assert 'img "Level over time"' in tree
    assert 'img "Spectrogram"' in tree
    assert tab.get_by_text("<b>hall.wav").first.is_visible()
    assert tab.get_by_text("30.0 s", exact=True).is_visible()  # of 60 s, compared with the rest
    left = tab.locator("rect.spans").first.bounding_box()
    chart = tab.locator("svg.chart[role=img] > svg").first.bounding_box()
    assert (left["x"] - chart["x"]) / chart["width"] == pytest.approx(40 / 60, abs=0.01)
    tab.close()


def test_the_spectrogram_is_bright_where_it_is_loud(page):
    found = re.search(r"data:image/png;base64,([A-Za-z0-9+/=]+)", page.read_text())
    picture = Image.open(io.BytesIO(base64.b64decode(found[1]))).convert("L")
    pixels = np.asarray(picture, float)
    assert pixels.shape[0] == 22
    seconds = np.arange(pixels.shape[1]) * 60 / pixels.shape[1]
    loud = pixels[:, (seconds > 40.2) & (seconds < 40.8)].mean()
    assert loud > pixels[:, seconds < 39].mean() + 40


def test_a_sound_without_a_baseline_has_a_page_too(tmp_path):
    listening = handful.listen([noise(5)], rate_hz=RATE_HZ, plot=tmp_path / "short.html")
    listening.finish()
    text = (tmp_path / "short.html").read_text()
    assert "Nothing was compared</h1>" in text
    assert text.count("dBFS on average") == 1
    assert "the first 30 s</" not in text
    assert "Refused: nothing was compared" in text


@pytest.mark.parametrize(
    ("state", "says"),
    [("learning", "learning the usual 40%"), ("usual", "usual"), ("unusual", "UNUSUAL"),
     ("changed", "a lasting change")],
)  # fmt: skip
def test_the_meter_moves_and_says_how_things_stand(state, says):
    console = Console(width=79, file=io.StringIO())
    bars = []
    for level in (-90.0, -35.0, 0.0, -np.inf):
        line = meter_line(
            time_s=75, level_db=level, unit="dBFS", state=state, learnt=0.4, n_events=3
        )
        console.print(line)
        bars.append(line.plain.count("█"))
        assert says in line.plain
        assert line.plain.startswith("  1:15 ")
        assert "3 so far" in line.plain
    assert bars == [0, 11, 22, 0]
    assert console.file.getvalue().count("\n") == 4  # a line each, in the narrowest terminal
