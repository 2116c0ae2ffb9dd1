"""Time shared among trainings, by a clock of its own."""

from __future__ import annotations

from handful.heads.pace import Pace


def test_without_an_end_every_training_takes_its_time():
    pace = Pace()
    pace.expect(10)
    assert pace.share_s() is None


def test_what_is_left_is_shared_by_what_is_to_come():
    now = [0.0]
    pace = Pace(until_s=100.0, n_side_by_side=2, clock=lambda: now[0])
    pace.expect(10)
    assert pace.share_s() == 20.0  # 100 s in two lanes, ten trainings
    pace.over(5)
    now[0] = 60.0
    assert pace.share_s() == 16.0
    pace.over(4)
    assert pace.share_s() == 40.0  # the last has a lane to itself
    now[0] = 200.0
    assert pace.share_s() == 0  # too late


def test_all_trainings_one_after_the_other_end_in_time():
    now = [0.0]
    pace = Pace(until_s=30.0, clock=lambda: now[0])
    pace.expect(7)
    for _ in range(7):
        now[0] += pace.share_s()
        pace.over()
    assert abs(now[0] - 30.0) < 1e-9


def test_progress_counts_trainings_and_passes_the_note_on():
    heard = []
    pace = Pace(progress=lambda *what: heard.append(what))
    pace.expect(3)
    pace.over()
    pace.tell("training", 7, 90, "loss 0.3, accuracy 0.9")
    assert heard == [("training", 1, 3, "loss 0.3, accuracy 0.9")]
    pace.over(2)
    assert heard[1:] == [("training", 3, 3, "loss 0.3, accuracy 0.9")]


def test_what_answering_takes_is_kept_free():
    """Ten trainings, each followed by three seconds of answering that is no part of its share."""
    now = [0.0]
    pace = Pace(until_s=100.0, clock=lambda: now[0])
    pace.expect(10)
    shares = []
    for _ in range(10):
        shares.append(pace.share_s(answering_s=3.0))
        now[0] += shares[-1] + 3.0
        pace.over()
    assert abs(now[0] - 100.0) < 1e-9
    assert max(shares) - min(shares) < 1e-9


def test_a_training_that_ends_early_leaves_its_time_to_the_others():
    now = [0.0]
    pace = Pace(until_s=30.0, clock=lambda: now[0])
    pace.expect(3)
    assert pace.share_s() == 10.0
    now[0] = 1.0
    pace.over()
    assert pace.share_s() == 14.5


def test_the_share_of_steps_that_were_taken():
    pace = Pace()
    assert pace.steps_taken == 1.0
    pace.took(0.25)
    pace.took(0.75)
    assert pace.steps_taken == 0.5
