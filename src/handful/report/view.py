"""Everything the page's template shows, with a value for whatever the report leaves out."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from handful.report import findings, words
from handful.report.blends import blend_sentence
from handful.report.figures import MOST_IN_MATRIX, bar, matrix, tag_rows
from handful.report.findings import Report
from handful.report.refusing import refusal_sentences
from handful.report.several import several_figures
from handful.report.weighing import weighing

_WORST, _WORST_ALONE = 5, 30  # mistakes beside the matrix, and where it is too large to draw
_TEMPERED = math.log(1.05)
_TIMES = {1: "once", 2: "twice"}


def view(report: Report) -> dict[str, Any]:
    """Variables of the template."""
    return {
        **_top(report),
        **_lists(report),
        "matrix": matrix(report),
        **_confusions(report),
        "tag_rows": tag_rows(report),
        "weighing": weighing(report),
        "refusal": refusal_sentences(report),
        "judged": _judged(report),
        "overall": _overall(report),
        "made": _made(report),
    }


def _top(report: Report) -> dict[str, Any]:
    accuracy = findings.metric(report, "accuracy")
    baseline = findings.metric(report, "baseline_accuracy")
    verdict = findings.verdict(report)
    tags, several = report.get("tags") or [], report.get("kind") == "several"
    return {
        "evaluated": report.get("purpose") == "evaluate",
        "one": words.noun(report, 1),
        "many": words.noun(report),
        "n": report.get("n") or 0,
        "n_tags": len(tags),
        "several": several,
        "right": "with every tag right" if several else "right",
        "always": "always giving the commonest combination of tags"
        if several
        else "always guessing the commonest tag",
        "headline": findings.headline(report),
        "asked": findings.asked(report),
        "rule_sentence": (report.get("rule") or {}).get("sentence"),
        "guessing": findings.beside_guessing(report),
        "verdict": verdict,
        "verdict_words": findings.VERDICTS[verdict],
        "accuracy": accuracy,
        "accuracy_words": words.interval(accuracy),
        "accuracy_short": words.percent(accuracy.get("value")),
        "accuracy_span": words.percent_range(accuracy.get("low"), accuracy.get("high")),
        "confidence": words.percent(accuracy.get("confidence") or 0.95),
        "bar": bar(accuracy),
        "guess_bar": bar(baseline),
        "guess_short": words.percent(baseline.get("value")),
    }


def _confusions(report: Report) -> dict[str, Any]:
    too_many = len(report.get("tags") or []) > MOST_IN_MATRIX
    worst = findings.worst_confusions(report, _WORST_ALONE if too_many else _WORST)
    rest = sum(c.count for c in findings.confusions(report)) - sum(c.count for c in worst)
    return {"confusions": worst, "more_confusions": rest, "no_room": too_many and bool(worst)}


def _lists(report: Report) -> dict[str, Any]:
    return {
        "next_steps": findings.next_steps(report),
        "warnings": report.get("warnings") or [],
        "mistakes": [_mistake(m) for m in report.get("mistakes") or []],
        "examples": [
            {**one, "sure": words.percent(one["probability"])}
            for one in report.get("examples") or []
        ],
        "near_copies": report.get("near_copies") or [],
        "unreadable": report.get("unreadable") or [],
        "seen": (report.get("left_out") or {}).get("seen_in_training") or [],
    }


def _mistake(mistake: Mapping[str, Any]) -> dict[str, Any]:
    similar = [
        {**other, "alike": words.plain_number(other.get("similarity"))}
        for other in mistake.get("similar") or []
    ]
    sure = mistake.get("probability")
    return {**mistake, "sure": "" if sure is None else words.percent(sure), "similar": similar}


def _judged(report: Report) -> dict[str, Any]:
    passes = report.get("passes") or {}
    shares = passes.get("accuracy") or []
    return {
        "folds": passes.get("folds"),
        "times": _TIMES.get(len(shares), f"{len(shares)} times"),
        "each": [words.percent_fine(share) for share in shares],
        "method": findings.metric(report, "accuracy").get("method"),
    }


def _overall(report: Report) -> list[dict[str, str]]:
    """Figures over all tags, each with what it says in plain words."""
    many, n_tags = words.noun(report), len(report.get("tags") or [])
    said = {
        "accuracy": ("Right", "accuracy", f"The share of all {many} that was told right."),
        "balanced_accuracy": (
            "Right, every tag counting the same",
            "balanced accuracy",
            f"The mean over the tags of the share that was found. Guessing gets {_even(n_tags)}.",
        ),
        "macro_f1": (
            "Found and rightly named, taken together",
            "macro F1",
            "The mean over the tags of F1; 100 % only where nothing is missed or misnamed.",
        ),
        "auc": (
            "Ranking",
            "AUC",
            f"How often one of the {many} of a tag gets a higher score for it than another does:"
            " 1 is a perfect order, 0.5 is chance.",
        ),
        "log_loss": ("Honesty about doubt", "log loss", _log_loss(report, n_tags)),
        "baseline_accuracy": (
            "Always the commonest tag",
            "baseline accuracy",
            "What a model gets that looks at nothing. The least there is to beat.",
        ),
    }
    if report.get("kind") == "several":
        said |= several_figures(many)
    return [_overall_row(report, name, *text) for name, text in said.items()
            if name in (report.get("metrics") or {})]  # fmt: skip


def _even(n_tags: int) -> str:
    return words.percent(1 / n_tags) if n_tags else "nothing"


def _overall_row(report: Report, name: str, plain: str, term: str, says: str) -> dict[str, str]:
    metric = findings.metric(report, name)
    value, low, high = (metric.get(key) for key in ("value", "low", "high"))
    if name not in ("auc", "log_loss"):
        text, span = words.percent(value), words.percent_range(low, high)
    else:
        text = words.plain_number(value)
        span = "" if low is None or high is None else f"{low:.2f}-{high:.2f}"
    return {"plain": plain, "term": term, "says": says, "text": text, "span": span,
            "counts": words.of(metric)}  # fmt: skip


def _log_loss(report: Report, n_tags: int) -> str:
    value = findings.metric(report, "log_loss").get("value")
    sentence = "Being sure and wrong costs most here; 0 is perfect."
    if n_tags > 1:
        sentence += f" Not knowing anything scores {math.log(n_tags):.2f}."
    if value is None:
        return sentence
    typical = words.percent(math.exp(-value))
    return f"{sentence} This is as if it had given the right tag {typical} every time."


def _made(report: Report) -> dict[str, Any]:
    temperature = report.get("temperature")
    return {
        "recipe": report.get("recipe") or "",
        "recipes": report.get("recipes") or [],
        "gain": blend_sentence(report),
        "pretrained": _pretrained(report),
        "members": [_member(m) for m in report.get("members") or []],
        "rivals": [_rival(r) for r in _by_loss(report.get("rivals") or [])],
        "temperature": None if temperature is None else f"{temperature:.2f}",
        "balanced": report.get("class_weights") == "balanced",
        "changed": _changed(temperature),
    }


def _pretrained(report: Report) -> list[str]:
    """Encoders trained on other data that the model looks through."""
    learners = [report, *(report.get("recipes") or [])]
    used = {m.get("encoder") for one in learners for m in one.get("members") or []}
    return [name for name in report.get("pretrained") or [] if name in used]


def _changed(temperature: float | None) -> str:
    """What a temperature does to probabilities; nothing that a person would notice near 1."""
    if temperature is None or abs(math.log(temperature)) < _TEMPERED:
        return ""
    return "softer" if temperature > 1 else "sharper"


def _member(member: Mapping[str, Any]) -> dict[str, Any]:
    text = {key: member.get(key) or "" for key in ("encoder", "view", "head", "note")}
    return {**text, "weight": words.percent(member.get("weight"))}


def _by_loss(rivals: Sequence[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    losses = [math.inf if r.get("log_loss") is None else r["log_loss"] for r in rivals]
    return [rivals[i] for i in sorted(range(len(rivals)), key=lambda i: losses[i])]


def _rival(rival: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": rival.get("name") or "",
        "log_loss": words.plain_number(rival.get("log_loss"), 3),
        "accuracy": words.percent_fine(rival.get("accuracy")),
        "chosen": bool(rival.get("chosen")),
    }


def provenance(report: Report) -> dict[str, Any]:
    """Seed, versions, hashes and weights, named for people."""
    given = dict(report.get("provenance") or {})
    weights = given.pop("weights", None) or []
    labels = {"seed": "Seed", "python": "Python", "numpy": "NumPy", "pillow": "Pillow",
              "onnxruntime": "ONNX Runtime", "openvino": "OpenVINO",
              "data_sha256": "SHA-256 of the samples"}  # fmt: skip
    runtimes = given.pop("runtimes", None) or {}
    plain = {k: v for k, v in given.items() if isinstance(v, str | int | float)}
    facts = [(labels.get(key, key.replace("_", " ")), str(value)) for key, value in plain.items()]
    facts += [(f"Features of {name}", runtime) for name, runtime in runtimes.items()]
    keys = ("name", "licence", "origin", "sha256")
    return {"facts": facts, "weights": [{k: w.get(k) or "" for k in keys} for w in weights]}
