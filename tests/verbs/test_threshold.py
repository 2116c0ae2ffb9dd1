"""`handful threshold`: the sentence, its figures, and a rule that everything then obeys."""

import csv
import json
import shutil

import numpy as np
import onnxruntime
import pytest

import handful as library
from doors import FILES, handful
from handful.metrics import least_positives
from handful.pictures import read_picture


@pytest.fixture
def own_model(model, tmp_path):
    """A copy that a test may change."""
    return shutil.copytree(model, tmp_path / "model")


def scores_of(folder, tag):
    """Out-of-fold scores and truth of one tag, from the table alone."""
    with (folder / "predictions.csv").open(newline="", encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    return (
        np.array([float(row[f"p({tag})"]) for row in rows]),
        np.array([row["tag"] == tag for row in rows]),
    )


def counted(folder, tag, threshold):
    scores, truth = scores_of(folder, tag)
    said = scores >= threshold
    return {
        "tp": int((said & truth).sum()), "fp": int((said & ~truth).sum()),
        "fn": int((~said & truth).sum()), "tn": int((~said & ~truth).sum()),
    }  # fmt: skip


def asked(model, *words):
    return handful("threshold", model, "--positive", "square", *words, "--json").json()


def test_costs_give_the_threshold_of_the_formula(model):
    found = asked(model, "--miss-costs", "10", "--alarm-costs", "1")
    assert found["threshold"] == pytest.approx(1 / 11)
    assert found["confusion"] == counted(model, "square", 1 / 11)
    assert found["promise"] is None


def test_prevalence_shifts_the_threshold(model):
    _, truth = scores_of(model, "square")
    trained, used = truth.mean(), 0.01
    odds = (1 / 10) * (trained / (1 - trained)) * ((1 - used) / used)
    found = asked(model, "--miss-costs", "10", "--alarm-costs", "1", "--prevalence", "0.01")
    assert found["threshold"] == pytest.approx(odds / (1 + odds))
    sens, spec = found["sensitivity"]["value"], found["specificity"]["value"]
    if sens * used + (1 - spec) * (1 - used) > 0:
        wanted = sens * used / (sens * used + (1 - spec) * (1 - used))
        assert found["precision"]["value"] == pytest.approx(wanted)


def test_a_promise_that_few_positives_cannot_keep_is_refused_with_what_it_needs(model):
    found = asked(model, "--recall", "0.95", "--confidence", "0.9")
    scores, truth = scores_of(model, "square")
    promise = found["promise"]
    assert promise["kept"] is False
    assert promise["need"] == least_positives(recall=0.95, confidence=0.9) == 45
    assert promise["have"] == truth.sum()  # no two of the drawn squares are copies
    assert promise["can_promise"] == pytest.approx(0.1 ** (1 / truth.sum()))
    assert found["threshold"] == pytest.approx(scores[truth].min())
    assert "that needs 45" in found["sentence"]


def test_specificity_leaves_that_many_alone(model):
    found = asked(model, "--specificity", "0.9")
    assert found["confusion"] == counted(model, "square", found["threshold"])
    assert found["specificity"]["value"] >= 0.9


def test_a_stored_rule_is_obeyed_by_predict_evaluate_and_the_file(own_model, more_shapes):
    photos = sorted(more_shapes.glob("*/*.jpg"))
    before = library.predict(own_model, photos)
    found = asked(own_model, "--miss-costs", "1000", "--alarm-costs", "1", "--set")
    assert found["stored"] is True
    assert {path.name for path in own_model.iterdir()} == FILES
    after = library.predict(own_model, photos)
    for old, new in zip(before, after, strict=True):
        assert new.probabilities == pytest.approx(old.probabilities, abs=1e-6)
        if new.probabilities["square"] >= found["threshold"]:
            assert new.tag == "square"
        else:
            others = {k: p for k, p in new.probabilities.items() if k != "square"}
            assert new.tag == max(others, key=others.get)
    assert [p.tag for p in before] != [p.tag for p in after]
    judged = handful("evaluate", own_model, more_shapes, "--json").json()
    column = judged["tags"].index("square")
    said_square = sum(row[column] for row in judged["confusion"]["counts"])
    assert said_square == sum(p.tag == "square" for p in after)


def test_the_model_file_alone_obeys(own_model, more_shapes):
    asked(own_model, "--miss-costs", "1000", "--alarm-costs", "1", "--set")
    session = onnxruntime.InferenceSession(own_model / "model.onnx")
    tags = json.loads(session.get_modelmeta().custom_metadata_map["tags"])
    reading = json.loads((own_model / "card.json").read_text())["reading"]
    for photo in sorted(more_shapes.glob("*/*.jpg"))[::5]:
        pixels = read_picture(photo, at_least_px=reading["at_least_px"]).pixels[None]
        (answer,), (known,) = session.run(["answer", "known"], {"pixels": pixels})
        (said,) = library.predict(own_model, photo)
        assert (tags[answer], bool(known)) == (said.tag, said.known)


def test_the_report_tells_the_stored_rule(own_model):
    found = asked(own_model, "--specificity", "0.9", "--set")
    report = json.loads((own_model / "report.json").read_text())
    assert report["rule"]["threshold"] == found["threshold"]
    page = (own_model / "report.html").read_text()
    said = found["sentence"].replace("'", "&#x27;").replace(" %", "\u202f%")
    assert said in page


def test_setting_twice_keeps_one_rule(own_model):
    first = (own_model / "model.onnx").stat().st_size
    for costs in ("10", "3"):
        asked(own_model, "--miss-costs", costs, "--alarm-costs", "1", "--set")
    assert abs((own_model / "model.onnx").stat().st_size - first) < 2000
    card = json.loads((own_model / "card.json").read_text())
    assert card["rule"]["threshold"] == pytest.approx(1 / 4)


def test_a_cost_matrix_may_ask_a_person(own_model, tmp_path, more_shapes):
    costs = tmp_path / "costs.csv"
    costs.write_text(
        "actual,circle,square,triangle,ask\ncircle,0,1,1,0.1\nsquare,1,0,1,0.1\n"
        "triangle,1,1,0,0.1\n"
    )
    found = handful("threshold", own_model, "--costs", costs, "--set", "--json").json()
    photos = sorted(more_shapes.glob("*/*.jpg"))
    for answer in library.predict(own_model, photos):
        sure = max(answer.probabilities.values()) >= 0.9  # 1 - p <= 0.1: cheaper than asking
        assert (answer.tag is not None) == sure
    assert found["positive"] is None
    table = tmp_path / "new.csv"
    judged = handful("evaluate", own_model, more_shapes, "--save", table, "--json").json()
    rows = list(csv.DictReader(table.read_text().splitlines()))
    asked_for = sum(row["predicted"] == "" for row in rows)
    assert sum(map(sum, judged["confusion"]["counts"])) == len(rows) - asked_for


def test_new_samples_turn_checked_into_guaranteed(model, more_shapes, tmp_path):
    table = tmp_path / "new.csv"
    assert handful("evaluate", model, more_shapes, "--save", table).code == 0
    checked = asked(model, "--recall", "0.5")
    guaranteed = asked(model, "--recall", "0.5", "--scores", table)
    assert "Checked, not guaranteed" in checked["sentence"]
    assert "Guaranteed" in guaranteed["sentence"]


def test_scores_of_training_samples_guarantee_nothing(model):
    table = model / "predictions.csv"
    run = handful("threshold", model, "--positive", "square", "--recall", "0.5", "--scores", table)
    assert "were in the model's training" in run.message


def test_a_stored_rule_is_judged_beside_what_was_judged_and_taken_back_exactly(own_model, model):
    asked(own_model, "--miss-costs", "1000", "--alarm-costs", "1", "--set")
    changed = json.loads((own_model / "report.json").read_text())
    before = json.loads((model / "report.json").read_text())
    rule = changed.pop("rule")
    assert changed == before  # all else is still of the most probable tag, as the page says
    column = changed["tags"].index("square")
    scores, _ = scores_of(model, "square")
    said_square = sum(row[column] for row in rule["judged"]["confusion"]["counts"])
    assert said_square == (scores >= rule["threshold"]).sum()
    page = (own_model / "report.html").read_text()
    assert "now answers by a rule. What follows is of always answering the most probable" in page
    assert handful("threshold", own_model, "--reset").code == 0
    for name in FILES - {"model.onnx", "card.json"}:
        assert (own_model / name).read_bytes() == (model / name).read_bytes(), name
    rules = [json.loads((m / "card.json").read_text())["rule"] for m in (own_model, model)]
    assert rules[0] == rules[1]


def test_a_promise_that_cannot_be_kept_is_not_stored_as_one(own_model, more_shapes, tmp_path):
    asked(own_model, "--recall", "0.95", "--set")
    card = json.loads((own_model / "card.json").read_text())
    assert card["rule"]["words"].endswith("with confidence 0.9 was not possible")
    page = tmp_path / "new.html"
    run = handful("evaluate", own_model, more_shapes, "--report", page)
    assert "0.95 with confidence 0.9 was not possible" in " ".join(run.out.split())
    assert page.read_text().count("0.95 with confidence 0.9 was not possible") == 2


def test_an_evaluation_counts_those_left_to_a_person(own_model, more_shapes, tmp_path):
    costs, table, page = (tmp_path / name for name in ("costs.csv", "new.csv", "new.html"))
    costs.write_text(
        "actual,circle,square,triangle,ask\ncircle,0,1,1,0.1\nsquare,1,0,1,0.1\n"
        "triangle,1,1,0,0.1\n"
    )
    handful("threshold", own_model, "--costs", costs, "--set")
    words = ("evaluate", own_model, more_shapes, "--save", table, "--report", page)
    judged = handful(*words, "--json").json()
    rows = list(csv.DictReader(table.read_text().splitlines()))
    left = {tag: 0 for tag in judged["tags"]}
    for row in rows:
        left[row["tag"]] += row["predicted"] == ""
    assert 0 < sum(left.values()) < 36
    assert judged["asked"] == {"k": sum(left.values()), "n": 36}
    assert judged["n"] == 36
    for i, tag in enumerate(judged["tags"]):
        assert judged["per_tag"][tag]["asked"] == {"k": left[tag], "n": 12}
        assert judged["per_tag"][tag]["support"] == 12
        assert sum(judged["confusion"]["counts"][i]) == 12 - left[tag]
    for name in ("accuracy", "baseline_accuracy"):
        assert judged["metrics"][name]["n"] == 36 - sum(left.values())
    said = handful("evaluate", own_model, more_shapes).out
    assert "to go to" in said
    assert f"{sum(left.values())} of 36" in said
    assert "asks a person" in page.read_text()


def test_a_rule_that_leaves_everything_to_a_person_can_be_judged(own_model, more_shapes, tmp_path):
    costs = tmp_path / "costs.csv"
    costs.write_text(
        "actual,circle,square,triangle,ask\ncircle,1,1,1,0\nsquare,1,1,1,0\ntriangle,1,1,1,0\n"
    )
    handful("threshold", own_model, "--costs", costs, "--set")
    judged = handful("evaluate", own_model, more_shapes, "--json").json()
    assert judged["asked"] == {"k": 36, "n": 36}
    assert judged["metrics"]["accuracy"]["value"] is None
    assert "goes to a person" in handful("evaluate", own_model, more_shapes).out


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ([], "nothing to go by"),
        (["--positive", "square"], "nothing to go by"),
        (["--reset", "--set"], "leave --set"),
        (["--positive", "square", "--specificity", "0.9", "--confidence", "0.9"], "leave it out"),
        (["--positive", "square", "--miss-costs", "1", "--alarm-costs", "-1"], "--alarm-costs is"),
        (["--positive", "square", "--specificity", "0"], "--specificity is 0"),
        (["--recall", "0.9"], "--positive is missing"),
        (["--positive", "hexagon", "--recall", "0.9"], "no tag 'hexagon'"),
        (["--positive", "square", "--recall", "0.9", "--specificity", "0.9"], "one way at a time"),
        (["--positive", "square", "--miss-costs", "3"], "give both costs"),
        (["--positive", "square", "--miss-costs", "0", "--alarm-costs", "1"], "above 0"),
        (["--positive", "square", "--recall", "1.5"], "between 0 and 1"),
        (["--positive", "square", "--recall", "0.9", "--prevalence", "2"], "--prevalence is 2"),
        (["--costs", "nowhere.csv"], "cannot read"),
        (["--costs", "x.csv", "--positive", "square"], "concern all tags"),
        (["--positive", "square", "--recall", "0.9", "--scores", __file__], "not a table"),
    ],
)
def test_unclear_calls_are_refused(model, words, said):
    message = handful("threshold", model, *words).message
    assert said in message


def test_a_rule_is_taken_back_in_one_line(own_model):
    run = handful("threshold", own_model, "--reset")
    assert run.out == "From now on the model answers with the most probable tag.\n"


def changed(model, change):
    """What is said of a model whose predictions.csv had its lines changed."""
    path = model / "predictions.csv"
    lines = path.read_text(encoding="utf-8").splitlines(keepends=True)
    path.write_text("".join(change(lines)), encoding="utf-8")
    return handful("threshold", model, "--positive", "square", "--recall", "0.8").message


def with_last(line, value):
    return ",".join([*line.split(",")[:-1], value]) + "\n"


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda lines: [*lines[:3], with_last(lines[3], "1.7"), *lines[4:]],
         ("line 4", "a probability of 1.7", "from 0 to 1")),
        (lambda lines: [*lines[:3], with_last(lines[3], "nan"), *lines[4:]], ("line 4", "nan")),
        (lambda lines: [*lines[:2], with_last(lines[2], "0.9999"), *lines[3:]],
         ("line 3", "sum to", "should to 1")),
        (lambda lines: lines[:-5], ("31 rows", "36 samples")),
        (lambda lines: [*lines[:-1], lines[-1][:-1]], ("last line is cut off",)),
        (lambda lines: [*lines[:-1], lines[-1][:20]], ("not as many cells",)),
        (lambda lines: [lines[0], lines[1].replace(",circle,", ",,", 1), *lines[2:]],
         ("line 2 has no tag",)),
        (lambda lines: lines[:1], ("no rows",)),
        (lambda lines: [lines[0].replace("fold", "food"), *lines[1:]], ("no column fold",)),
    ],
)  # fmt: skip
def test_a_table_that_was_changed_or_cut_off_is_refused(own_model, change, said):
    message = changed(own_model, change)
    assert all(words in message for words in (*said, "predictions.csv", "again"))
