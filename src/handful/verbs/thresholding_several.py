"""Thresholds of a model of several tags: each tag has its own, kept in card, file and report."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

import numpy as np

from handful.bundle import MODEL, PREDICTIONS, REPORT_HTML, REPORT_JSON, Bundle, write_bundle
from handful.choosing import Choice
from handful.judging.several import THRESHOLD, several_judgement
from handful.modalities.base import by_name
from handful.model_file import to_bytes
from handful.model_file.several import set_thresholds
from handful.report.choice import choice_json
from handful.report.rule_note import with_notice, with_rule
from handful.report.several import thresholds_sentence
from handful.report.words import interval
from handful.rules import Rule
from handful.verbs.chosen import Threshold
from handful.verbs.judged_tables import own_table
from handful.verbs.several_tags import figures

_LATER = "The model now answers by other thresholds. What follows is of 0.5 for every tag."


def store_threshold(bundle: Bundle, choice: Choice, tags: Sequence[str]) -> None:
    """Write the folder anew with one tag's threshold; those of the others stay as they are."""
    positive = choice.rule.positive
    changed = None if positive is None else tags[positive]
    thresholds = [
        {"tag": changed, "threshold": choice.rule.threshold, "words": choice.rule.words}
        if one["tag"] == changed
        else one
        for one in bundle.card["rule"]["thresholds"]
    ]
    _store(bundle, thresholds)


def reset_thresholds(bundle: Bundle) -> Threshold:
    """Go back to giving every tag from a probability of 0.5 on."""
    thresholds = [{"tag": tag, "threshold": THRESHOLD, "words": ""} for tag in bundle.tags]
    _store(bundle, thresholds)
    words = f"From now on {thresholds_sentence(thresholds).replace('It gives', 'the model gives')}"
    values = choice_json(Choice(Rule(words="0.5 for every tag")), bundle.tags)
    return Threshold(values, words, stored=True)


def _store(bundle: Bundle, thresholds: list[dict[str, Any]]) -> None:
    import onnx

    card = {k: v for k, v in bundle.card.items() if k not in ("format", "model_sha256")}
    card["rule"] = {"thresholds": thresholds}
    model = onnx.load_from_string(bundle.read_model())
    set_thresholds(model, [one["threshold"] for one in thresholds], card=card)
    report = json.loads(bundle.read(REPORT_JSON))
    report.pop("rule", None)
    page, words = bundle.read(REPORT_HTML).decode(), thresholds_sentence(thresholds)
    notice = ""
    if any(one["threshold"] != THRESHOLD for one in thresholds):
        judged = _judged_again(bundle, thresholds)
        report["rule"] = {"thresholds": thresholds, "sentence": words, "judged": judged}
        right = interval(judged["metrics"]["accuracy"])
        notice = f"{_LATER} By them, every tag right for {right}."
    page = with_notice(with_rule(page, words), notice)
    files = {
        MODEL: to_bytes(model),
        REPORT_HTML: page.encode(),
        REPORT_JSON: (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode(),
        PREDICTIONS: bundle.read(PREDICTIONS),
    }
    write_bundle(bundle.folder, files, card)


def _judged_again(bundle: Bundle, thresholds: list[dict[str, Any]]) -> dict[str, Any]:
    """The figures by these thresholds, beside those of 0.5 for every tag."""
    table = own_table(bundle)
    probabilities = table.probabilities.astype(np.float32)
    bounds = np.array([one["threshold"] for one in thresholds], np.float32)
    judged = several_judgement(
        table.Y, probabilities, probabilities >= bounds,
        folds=table.folds, groups=table.groups, tags=table.tags,
    )  # fmt: skip
    return figures(judged, "train", by_name(bundle.card["modality"]).name)
