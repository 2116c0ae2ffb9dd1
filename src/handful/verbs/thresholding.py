"""threshold: which mistake is worse, and the rule that follows from it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np

from handful.bundle import (
    MODEL,
    PREDICTIONS,
    REPORT_HTML,
    REPORT_JSON,
    Bundle,
    open_bundle,
    write_bundle,
)
from handful.choosing import Choice, Scored, by_cost_matrix, by_costs, by_recall, by_specificity
from handful.errors import InputError
from handful.judging import Predictions, judgement
from handful.modalities.base import by_name
from handful.model_file import set_rule, to_bytes
from handful.report import build
from handful.report.choice import choice_json, sentence
from handful.report.rule_note import with_notice, with_rule
from handful.report.table import Table
from handful.report.words import interval, of
from handful.rules import Rule
from handful.sources import NUMBER, SEVERAL
from handful.verbs.chosen import Threshold
from handful.verbs.cost_tables import read_costs
from handful.verbs.judged_tables import own_table, table_of
from handful.verbs.refusals import refuse_costs, refuse_share
from handful.verbs.running import check_same_model
from handful.verbs.thresholding_several import reset_thresholds, store_threshold

_LATER = (
    "The model now answers by a rule. What follows is of always answering the most probable tag."
)
_NO_RULE = "It answers with the most probable tag."
_CONFIDENCE = 0.9
_WAYS = (
    "say which mistake is worse: --miss-costs 10 --alarm-costs 1, or --recall 0.95, or "
    "--specificity 0.9 (each with --positive TAG), or --costs FILE.csv"
)


def threshold(
    model: str | Path,
    *,
    positive: str | None = None,
    miss_costs: float | None = None,
    alarm_costs: float | None = None,
    recall: float | None = None,
    confidence: float | None = None,
    specificity: float | None = None,
    prevalence: float | None = None,
    costs: str | Path | None = None,
    scores: str | Path | None = None,
    reset: bool = False,
    set: bool = False,
) -> Threshold:
    """Choose how the model answers, from the mistake that is feared.

    Parameters
    ----------
    model : str or Path
        The folder that `train` wrote.
    positive : str, optional
        The tag that is looked for.
    miss_costs, alarm_costs : float, optional
        What a missed positive costs, and a false alarm; only their proportion matters.
    recall : float, optional
        Share of the positives to come that must be found.
    confidence : float, optional
        With which `recall` is to be promised; default: 0.9.
    specificity : float, optional
        Share of the others that must be left alone.
    prevalence : float, optional
        Share of positives where the model will be used; default: as in the samples.
    costs : str or Path, optional
        CSV with a row for each actual tag and a column for each answer; a column ``ask`` holds
        the cost of asking a person.
    scores : str or Path, optional
        Table that ``handful evaluate --save`` wrote: samples that the model never saw. Default:
        the predictions from judging, on which promises are checked but not guaranteed.
    reset : bool
        Go back to answering the most probable tag.
    set : bool
        Store the rule: predict, evaluate and model.onnx then answer by it.

    Raises
    ------
    InputError
        The call is not clear, or the model or a file cannot be used.
    """
    bundle = open_bundle(Path(model))
    check_same_model(bundle)
    if bundle.card["kind"] == NUMBER:
        raise InputError("this model answers numbers, not tags: it has no threshold to choose.")
    several = bundle.card["kind"] == SEVERAL
    one_tag = (positive, miss_costs, alarm_costs, recall, confidence, specificity, prevalence)
    if (costs is not None or reset) and any(said is not None for said in one_tag):
        raise InputError("--costs and --reset concern all tags: leave the other options out.")
    if reset and (set or costs is not None or scores is not None):
        raise InputError(
            "--reset goes back to how the model answered at first, and stores that: leave --set, "
            "--costs and --scores out."
        )
    if costs is not None and several:
        raise InputError(
            "--costs is for models that give each sample one tag; here each tag has a threshold "
            "of its own: --positive TAG with --miss-costs and --alarm-costs."
        )
    if reset:
        return reset_thresholds(bundle) if several else _reset(bundle)
    scored = _scored(bundle, scores, positive)
    if costs is not None:
        given = read_costs(Path(costs), scored.tags)
        choice = by_cost_matrix(
            scored, given.matrix, asking_cost=given.asking, words="your table of costs"
        )
    elif all(said is None for said in one_tag):
        raise InputError(f"nothing to go by: {_WAYS}.")
    else:
        number = _number(positive, scored.tags)
        choice = _by_one(
            scored, number, miss_costs, alarm_costs, recall, confidence, specificity, prevalence
        )
    nouns = by_name(bundle.card["modality"]).nouns
    values = choice_json(choice, scored.tags)
    words = sentence(choice, scored, nouns)
    if set and several:
        store_threshold(bundle, choice, scored.tags)
    elif set:
        _store(bundle, choice, values, words)
    return Threshold(values, words, set)


def _reset(bundle: Bundle) -> Threshold:
    choice = Choice(Rule())
    scored = _scored(bundle, None, None)
    values, words = choice_json(choice, scored.tags), sentence(choice, scored, "")
    _store(bundle, choice, values, words)
    return Threshold(values, words, stored=True)


def _by_one(
    scored: Scored,
    positive: int,
    miss_costs: float | None,
    alarm_costs: float | None,
    recall: float | None,
    confidence: float | None,
    specificity: float | None,
    prevalence: float | None,
) -> Choice:
    asked = [(miss_costs, alarm_costs) != (None, None), recall is not None, specificity is not None]
    if sum(asked) != 1:
        raise InputError(f"{'one way at a time' if any(asked) else 'nothing to go by'}: {_WAYS}.")
    refuse_share("--prevalence", prevalence, "0.01")
    refuse_share("--recall", recall, "0.95")
    refuse_share("--confidence", confidence, "0.9")
    refuse_share("--specificity", specificity, "0.99", most=1)
    if recall is not None:
        sure = _CONFIDENCE if confidence is None else confidence
        return by_recall(scored, positive, recall=recall, confidence=sure, prevalence=prevalence)
    if confidence is not None:
        raise InputError("--confidence is how sure --recall must be: leave it out here.")
    if specificity is not None:
        return by_specificity(scored, positive, specificity=specificity, prevalence=prevalence)
    if miss_costs is None or alarm_costs is None:
        raise InputError("give both costs, like --miss-costs 10 --alarm-costs 1.")
    refuse_costs(miss_costs, alarm_costs)
    return by_costs(
        scored, positive, miss_costs=miss_costs, alarm_costs=alarm_costs, prevalence=prevalence
    )


def _scored(bundle: Bundle, scores: str | Path | None, positive: str | None) -> Scored:
    name = PREDICTIONS if scores is None else str(scores)
    table = own_table(bundle) if scores is None else table_of(bundle, _read(Path(scores)), name)
    if table.tags != bundle.tags:
        raise InputError(
            f"{name} is of another model: its tags are {', '.join(table.tags)}, the model's "
            f"{', '.join(bundle.tags)}."
        )
    if scores is not None:
        _refuse_training(bundle, table, name)
    y, fresh = table.y, scores is not None
    if bundle.card["kind"] == SEVERAL:  # one tag is looked for: it is there, or it is not
        has_tag = table.Y[:, _number(positive, table.tags)]
        y = np.where(has_tag, _number(positive, table.tags), len(table.tags))
    return Scored(table.tags, y, table.probabilities, table.groups, fresh)


def _refuse_training(bundle: Bundle, table: Table, name: str) -> None:
    """Scores of samples that the model learned from guarantee nothing."""
    trained = frozenset(own_table(bundle).contents)
    seen = sum(content in trained for content in table.contents)
    if seen:
        raise InputError(
            f"{seen} of {len(table.contents)} samples in {name} were in the model's training: "
            "their scores guarantee nothing. Give what `handful evaluate --save` wrote for "
            "samples that the model never saw, or leave --scores out."
        )


def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise InputError(f"cannot read {path}: {error.strerror}.") from error


def _number(positive: str | None, tags: tuple[str, ...]) -> int:
    if positive is None:
        raise InputError(f"--positive is missing: name the tag you look for ({', '.join(tags)}).")
    if positive not in tags:
        raise InputError(f"the model knows no tag {positive!r}. It knows {', '.join(tags)}.")
    return tags.index(positive)


def _judged_again(bundle: Bundle, rule: Rule) -> dict[str, Any]:
    """The figures of one pass by what the rule answers, beside those of the most probable tag."""
    table = own_table(bundle)
    probabilities = table.probabilities.astype(np.float32)
    record = Predictions(probabilities, table.folds, rule.decide(probabilities))
    judged = judgement([record], table.y, groups=table.groups, tags=table.tags)
    return build.figures(judged)


def _by_rule(judged: dict[str, Any], bundle: Bundle) -> str:
    """How often the rule is right, and how often it asks a person."""
    right, left = interval(judged["metrics"]["accuracy"]), judged["asked"]
    nouns = by_name(bundle.card["modality"]).nouns
    if not left["k"]:
        return f"By the rule, right for {right}."
    return f"By the rule, a person is asked for {of(left)} {nouns}; right for {right} of the rest."


def _store(bundle: Bundle, choice: Choice, values: dict[str, Any], words: str) -> None:
    """Write the folder anew with the rule in card, model file and report."""
    import onnx

    card = {k: v for k, v in bundle.card.items() if k not in ("format", "model_sha256")}
    card["rule"] = choice.rule.to_json(bundle.tags)
    model = onnx.load_from_string(bundle.read_model())
    set_rule(model, choice.rule, n_tags=len(bundle.tags), card=card)
    report = json.loads(bundle.read(REPORT_JSON))
    report.pop("rule", None)
    page = bundle.read(REPORT_HTML).decode()
    if choice.rule == Rule():
        page = with_notice(with_rule(page, _NO_RULE), "")
    else:
        judged = _judged_again(bundle, choice.rule)
        report["rule"] = {**values, "sentence": words, "judged": judged}
        page = with_notice(with_rule(page, words), f"{_LATER} {_by_rule(judged, bundle)}")
    files = {
        MODEL: to_bytes(model),
        REPORT_HTML: page.encode(),
        REPORT_JSON: (json.dumps(report, ensure_ascii=False, indent=1) + "\n").encode(),
        PREDICTIONS: bundle.read(PREDICTIONS),
    }
    write_bundle(bundle.folder, files, card)
