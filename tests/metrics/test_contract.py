"""What every metric owes its user: one dictionary, tested for every invariance."""

import subprocess
import sys

import numpy as np
import pytest

import handful.metrics as m
from handful.errors import InputError

RNG = np.random.default_rng(9)
N = 40
TAGS = np.array(["glass", "metal", "paper"])

# Metrics of (y_true, y_pred): tags that exclude each other.
ON_TAGS = {
    "accuracy": m.accuracy,
    "balanced_accuracy": m.balanced_accuracy,
    **{
        f"{average} {rate.__name__}": lambda y, p, rate=rate, average=average, **w: rate(
            y, p, average=average, **w
        )
        for rate in (m.precision, m.recall, m.specificity, m.f1)
        for average in ("macro", "weighted", "micro")
    },
}
# Metrics of one tag, True or False.
ON_TRUTH = {rate.__name__: rate for rate in (m.precision, m.recall, m.specificity, m.f1)} | {
    "positive likelihood ratio": lambda y, p, **w: m.likelihood_ratios(y, p, **w)[0],
    "negative likelihood ratio": lambda y, p, **w: m.likelihood_ratios(y, p, **w)[1],
}
# Metrics of (y_true, y_score), which only the order of the scores decides.
ON_SCORES = {
    "auc": m.auc,
    "average_precision": m.average_precision,
    "sensitivity at threshold": lambda y, s, **w: m.recall(
        y, s >= (m.threshold_for_sensitivity(y, s, 0.8, **w) or 0), **w
    ),
    "specificity at threshold": lambda y, s, **w: m.specificity(
        y, s >= (m.threshold_for_specificity(y, s, 0.8, **w) or 0), **w
    ),
    "best f1": lambda y, s, **w: m.f1(y, s >= (m.threshold_for_f1(y, s, **w) or 0), **w),
}
# Metrics of (column of the right tag, probabilities).
ON_PROBABILITIES = {
    "log_loss": m.log_loss,
    "brier": m.brier,
    "macro auc": lambda y, p, **w: m.mean_over_tags(m.auc, y, p, **w),
    "weighted auc": lambda y, p, **w: m.mean_over_tags(m.auc, y, p, average="weighted", **w),
    "macro average precision": lambda y, p, **w: m.mean_over_tags(m.average_precision, y, p, **w),
}
METRICS = {
    **{f"tags: {name}": (metric, "tags") for name, metric in ON_TAGS.items()},
    **{f"truth: {name}": (metric, "truth") for name, metric in ON_TRUTH.items()},
    **{f"scores: {name}": (metric, "scores") for name, metric in ON_SCORES.items()},
    **{f"probabilities: {name}": (metric, "p") for name, metric in ON_PROBABILITIES.items()},
}
each_metric = pytest.mark.parametrize("name", METRICS)


def samples(kind):
    if kind == "tags":
        actual = RNG.integers(0, 3, N)
        return TAGS[actual], TAGS[np.where(RNG.random(N) < 0.6, actual, RNG.integers(0, 3, N))]
    if kind == "truth":
        return tuple(RNG.random((2, N)) < 0.5)
    if kind == "scores":
        return RNG.random(N) < 0.4, RNG.normal(size=N).round(1)
    return RNG.integers(0, 3, N), RNG.dirichlet(np.ones(3), N)


@each_metric
def test_order_of_the_samples_does_not_matter(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    weights = RNG.random(N)
    order = RNG.permutation(N)
    assert metric(actual[order], predicted[order]) == pytest.approx(metric(actual, predicted))
    assert metric(actual[order], predicted[order], sample_weight=weights[order]) == pytest.approx(
        metric(actual, predicted, sample_weight=weights), abs=1e-12
    )


@each_metric
def test_weights_are_repetitions(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    times = RNG.integers(0, 4, N)
    repeated = metric(np.repeat(actual, times, axis=0), np.repeat(predicted, times, axis=0))
    assert metric(actual, predicted, sample_weight=times) == pytest.approx(repeated, abs=1e-12)


@each_metric
def test_only_the_proportions_of_weights_matter(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    weights = RNG.random(N)
    plain = metric(actual, predicted, sample_weight=weights)
    assert metric(actual, predicted, sample_weight=1000 * weights) == pytest.approx(plain, abs=1e-9)
    even = metric(actual, predicted, sample_weight=np.full(N, 0.25))
    assert even == pytest.approx(metric(actual, predicted), abs=1e-12)


@each_metric
def test_no_samples_are_undefined(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    assert metric(actual[:0], predicted[:0]) is None
    assert metric(actual, predicted, sample_weight=np.zeros(N)) is None


@each_metric
def test_one_class_is_a_number_or_undefined_but_never_nan(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    for one in actual[:5]:
        found = metric(np.full(N, one), predicted)
        assert found is None or np.isfinite(found)


@each_metric
def test_input_is_left_as_it_was(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    weights = RNG.random(N)
    before = [a.copy() for a in (actual, predicted, weights)]
    metric(actual, predicted, sample_weight=weights)
    for array, copy in zip((actual, predicted, weights), before, strict=True):
        np.testing.assert_array_equal(array, copy)


@each_metric
def test_unequal_lengths_are_refused(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    with pytest.raises(InputError):
        metric(actual[1:], predicted)
    with pytest.raises(InputError):
        metric(actual, predicted, sample_weight=np.ones(N - 1))


@each_metric
def test_wrong_weights_are_refused(name):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    for bad in (-1.0, np.nan, np.inf):
        weights = np.ones(N)
        weights[7] = bad
        with pytest.raises(InputError, match="row 7"):
            metric(actual, predicted, sample_weight=weights)


@pytest.mark.parametrize("name", [n for n in METRICS if METRICS[n][1] in ("scores", "p")])
@pytest.mark.parametrize("bad", [np.nan, np.inf, -np.inf])
def test_scores_that_are_no_numbers_are_refused_by_row(name, bad):
    metric, kind = METRICS[name]
    actual, predicted = samples(kind)
    predicted[7] = bad
    with pytest.raises(InputError, match="row 7"):
        metric(actual, predicted)


@pytest.mark.parametrize("name", ON_TAGS)
@pytest.mark.parametrize(
    "names",
    [["a", "b", "c"], ["z", "y", "x"], [3, -1, 10**12], [2.5, 0.5, 1.5], ["", "ß", "日本"]],
    ids=str,
)
def test_names_of_the_tags_do_not_matter(name, names):
    actual, predicted = samples("tags")
    renamed = np.array(names)
    codes = [np.searchsorted(TAGS, tags) for tags in (actual, predicted)]
    found = ON_TAGS[name](renamed[codes[0]], renamed[codes[1]])
    assert found == pytest.approx(ON_TAGS[name](actual, predicted), abs=1e-12)


@pytest.mark.parametrize("name", ON_TAGS)
def test_perfect_answers(name):
    actual, _ = samples("tags")
    assert ON_TAGS[name](actual, actual) == 1


@pytest.mark.parametrize("name", ON_SCORES)
@pytest.mark.parametrize(
    "bend", [lambda s: 3 * s + 7, np.exp, lambda s: np.sign(s) * s**2, lambda s: s.astype("f4")]
)
def test_only_the_order_of_scores_matters(name, bend):
    truth, scores = samples("scores")
    found = ON_SCORES[name](truth, bend(scores))
    assert found == pytest.approx(ON_SCORES[name](truth, scores), abs=1e-12)


def test_inverted_scores_give_the_rest_of_the_auc():
    truth, scores = samples("scores")
    assert m.auc(truth, -scores) == pytest.approx(1 - m.auc(truth, scores), abs=1e-12)
    assert m.auc(~truth, scores) == pytest.approx(1 - m.auc(truth, scores), abs=1e-12)


@pytest.mark.parametrize("name", ON_PROBABILITIES)
def test_order_of_the_columns_does_not_matter(name):
    truth, p = samples("p")
    order = np.array([2, 0, 1])
    found = ON_PROBABILITIES[name](np.argsort(order)[truth], p[:, order])
    assert found == pytest.approx(ON_PROBABILITIES[name](truth, p), abs=1e-12)


def test_confusion_matrix_follows_its_tags():
    actual, predicted = samples("tags")
    renamed = np.array(["z", "y", "x"])  # the order turned round
    codes = [np.searchsorted(TAGS, tags) for tags in (actual, predicted)]
    found = m.confusion_matrix(renamed[codes[0]], renamed[codes[1]])
    np.testing.assert_array_equal(found[::-1, ::-1], m.confusion_matrix(actual, predicted))


def test_everything_public_is_listed_and_documented():
    for name in m.__all__:
        assert getattr(m, name).__doc__ or name == "ASK"


def test_importing_costs_hardly_more_than_numpy():
    code = (
        "import sys, numpy; before = set(sys.modules); import handful.metrics\n"
        "heavy = {'scipy', 'sklearn', 'pandas', 'torch', 'onnx', 'onnxruntime', 'PIL'}\n"
        "assert not heavy & set(sys.modules), heavy & set(sys.modules)\n"
        "print(len(set(sys.modules) - before))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert int(done.stdout) < 60
