"""`handful evaluate --predictions`: another system's scores, against scikit-learn."""

import numpy as np
import pyarrow
import pytest
from pyarrow import parquet
from sklearn.metrics import accuracy_score, balanced_accuracy_score, confusion_matrix, roc_auc_score

from doors import handful


@pytest.fixture(scope="module")
def scored():
    random = np.random.default_rng(0)
    truth = random.random(5000) < 0.2
    score = np.round(1 / (1 + np.exp(1 - 2 * truth - random.normal(size=5000))), 3)
    return truth, score


def table(path, truth, score, names=("truth", "score")):
    if path.suffix == ".parquet":
        parquet.write_table(pyarrow.table({names[0]: truth, names[1]: score}), path)
    else:
        rows = "".join(f"{t},{s}\n" for t, s in zip(truth, score, strict=True))
        path.write_text(f"{names[0]},{names[1]}\n{rows}")
    return path


def judged(path, *words):
    return handful(
        "evaluate", "--predictions", path, "--truth", "truth", "--score", "score", *words, "--json"
    ).json()


@pytest.mark.parametrize("suffix", [".csv", ".parquet"])
def test_figures_equal_scikit_learns(tmp_path, scored, suffix):
    truth, score = scored
    found = judged(table(tmp_path / f"scores{suffix}", truth.astype(int), score))
    metrics = found["metrics"]
    assert metrics["auc"]["value"] == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert found["auc_error"] == 0
    assert metrics["accuracy"]["value"] == pytest.approx(accuracy_score(truth, score >= 0.5))
    wanted = balanced_accuracy_score(truth, score >= 0.5)
    assert metrics["balanced_accuracy"]["value"] == pytest.approx(wanted)
    assert found["confusion"]["counts"] == confusion_matrix(truth, score >= 0.5).tolist()
    assert metrics["auc"]["low"] < metrics["auc"]["value"] < metrics["auc"]["high"]


def test_tags_by_name(tmp_path, scored):
    truth, score = scored
    path = table(tmp_path / "s.csv", np.where(truth, "cat", "dog"), score)
    found = judged(path, "--positive", "cat")
    assert found["metrics"]["auc"]["value"] == pytest.approx(roc_auc_score(truth, score), abs=1e-12)


def test_scores_that_are_no_probabilities_are_only_ranked(tmp_path, scored):
    truth, score = scored
    found = judged(table(tmp_path / "s.csv", truth.astype(int), 10 * score - 5))
    assert found["metrics"]["auc"]["value"] == pytest.approx(roc_auc_score(truth, score), abs=1e-12)
    assert found["metrics"]["accuracy"]["value"] is None
    assert found["confusion"]["counts"] is None


@pytest.mark.parametrize(
    ("truth", "score", "said"),
    [
        (["1", "0"], ["0.5", "nan"], "row 1"),
        (["1", "0"], ["inf", "0.1"], "row 0"),
        (["1", "0"], ["0.5", "high"], "row 1: 'high' is not a number"),
        (["cat", "dog"], ["0.5", "0.1"], "--positive VALUE"),
    ],
)
def test_bad_values_are_named_by_row(tmp_path, truth, score, said):
    path = table(tmp_path / "s.csv", truth, score)
    run = handful("evaluate", "--predictions", path, "--truth", "truth", "--score", "score")
    assert said in run.message


@pytest.mark.parametrize(
    "words",
    [
        ["--predictions", "x.csv"],
        ["--predictions", "nowhere.csv", "--truth", "a", "--score", "b"],
        ["model", "photos", "--predictions", "x.csv", "--truth", "a", "--score", "b"],
        [],
    ],
)
def test_unclear_calls_are_refused(words):
    assert handful("evaluate", *words).message


@pytest.mark.parametrize(
    ("truth", "words", "said"),
    [
        (["1", "1"], [], "says nothing but 1"),
        (["0", "0"], [], "never says 1"),
        (["a", "b"], ["--positive", "xx"], "never says 'xx'"),
        ([], [], "holds no scores"),
    ],
)
def test_where_nothing_can_be_told_apart_nothing_is_judged(tmp_path, truth, words, said):
    path = table(tmp_path / "s.csv", truth, ["0.5", "0.7"][: len(truth)])
    columns = ["--truth", "truth", "--score", "score"]
    assert said in handful("evaluate", "--predictions", path, *columns, *words).message


@pytest.mark.parametrize("words", [("--report", "x.html"), ("--save", "x.csv"), ("--tag", "t")])
def test_options_that_a_table_of_scores_cannot_obey_are_refused(tmp_path, words):
    path = table(tmp_path / "s.csv", ["1", "0"], ["0.5", "0.7"])
    columns = ["--truth", "truth", "--score", "score"]
    message = handful("evaluate", "--predictions", path, *columns, *words).message
    assert f"leave {words[0]} out" in message


def test_columns_of_scores_are_refused_beside_a_model():
    message = handful("evaluate", "model", "photos", "--truth", "a", "--score", "b").message
    assert "leave --truth and --score out" in message


def test_a_damaged_parquet_file_is_refused(tmp_path):
    path = tmp_path / "s.parquet"
    path.write_bytes(b"PAR1 not really")
    run = handful("evaluate", "--predictions", path, "--truth", "truth", "--score", "score")
    assert "Parquet" in run.message
