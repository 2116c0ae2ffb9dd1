"""The page's own modules: what imports what."""

import graphlib
import re
from importlib.resources import files

STATIC = files("handful.browsing").joinpath("static")
IMPORT = re.compile(r'^import (?:.* from )?"\./([\w.]+)";$', re.MULTILINE)


def imports():
    found = {}
    for file in STATIC.iterdir():
        if file.name.endswith(".js"):
            found[file.name] = set(IMPORT.findall(file.read_text(encoding="utf-8")))
    return found


def test_no_two_import_each_other():
    order = list(graphlib.TopologicalSorter(imports()).static_order())  # raises on a circle
    assert order.index("api.js") < order.index("shelf.js") < order.index("wall.js")


def test_every_one_is_fetched_before_it_is_asked_for():
    page = files("handful.browsing").joinpath("templates/page.html.j2").read_text("utf-8")
    for name in imports():
        assert f"/static/{name}" in page
