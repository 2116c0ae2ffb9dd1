"""Alarms: events begin at the threshold, bridge pauses, end; lasting changes are told once."""

from dataclasses import fields

import numpy as np
import pytest

from handful.detectors.alarms import LASTING, UNUSUAL, Alarms, Scored
from handful.detectors.base import Event

HOP_S = 0.125


def heard(scores, *, levels=None, hushed=None, bands=None):
    """Events of scores, and whether the sound counts as changed after each frame."""
    alarms, found, changed = Alarms(), [], []
    for i, score in enumerate(scores):
        frame = Scored(
            i * HOP_S, (i + 1) * HOP_S, score, levels[i] if levels is not None else -30.0,
            bands[i] if bands is not None else 1000.0, bool(hushed is not None and hushed[i]),
        )  # fmt: skip
        found += alarms.add(frame)
        changed.append(alarms.changed)
    return found + list(alarms.finish()), changed


def frames(*runs):
    """Scores of (seconds, score) in a row."""
    return np.concatenate([np.full(round(s / HOP_S), score) for s, score in runs])


def test_an_event_begins_at_the_threshold_and_ends_at_half_of_it():
    (event,), _ = heard(frames((5, 0.2), (1, 0.7), (1, 1.0), (1, 0.5), (5, 0.49)))
    assert (event.kind, event.start_s, event.end_s, event.score) == (UNUSUAL, 6.0, 8.0, 1.0)


def test_nothing_below_the_threshold_is_an_event():
    assert heard(frames((20, 0.99)))[0] == []


@pytest.mark.parametrize(("pause_s", "n_events"), [(0.5, 1), (0.875, 1), (1.25, 2), (3, 2)])
def test_short_pauses_belong_to_the_event(pause_s, n_events):
    found, _ = heard(frames((3, 0), (1, 2), (pause_s, 0), (1, 2), (3, 0)))
    assert len(found) == n_events
    assert found[-1].end_s == 3 + 1 + pause_s + 1


def test_an_event_knows_its_loudest_and_its_most_unusual_moment():
    scores = np.array([0, 1, 3, 2, 0.6, 0, 0, 0, 0, 0, 0, 0, 0])
    levels, bands = -60.0 + 10 * scores, 100.0 * (1 + np.arange(13))
    levels[4] = 5
    (event,), _ = heard(scores, levels=levels, bands=bands)
    assert (event.score, event.level_db, event.band_hz) == (3, 5, 315)  # in which 300 Hz lies


def test_an_event_that_the_end_cuts_off_is_told():
    (event,), _ = heard(frames((3, 0), (1, 2)))
    assert (event.start_s, event.end_s) == (3, 4)


def test_a_lasting_change_is_told_once_and_over_when_things_are_as_they_were():
    found, changed = heard(frames((100, 0), (900, 3), (300, 0), (1, 2), (10, 0)))
    first, second = found
    assert (first.kind, first.start_s) == (LASTING, 100)
    assert 50 <= first.end_s - first.start_s <= 70
    assert (second.kind, second.start_s, second.end_s) == (UNUSUAL, 1300, 1301)
    assert changed[round(900 / HOP_S)]
    assert not changed[round(1200 / HOP_S)]


def test_alarm_upon_alarm_is_a_lasting_change_too():
    found, _ = heard(np.tile(frames((2, 2), (1.5, 0)), 400))
    assert [event.kind for event in found].count(LASTING) == 1
    assert found[-1].kind == LASTING
    assert len(found) < 60


def test_a_machine_that_stops_is_a_lasting_change():
    found, _ = heard(frames((400, 0)), hushed=frames((100, 0), (300, 1)))
    assert [(event.kind, event.start_s) for event in found] == [(LASTING, 100)]


def test_a_pause_is_none():
    assert heard(frames((400, 0)), hushed=frames((100, 0), (40, 1), (260, 0)))[0] == []


def test_an_event_of_sound_is_an_event():
    (event,), _ = heard(frames((3, 0), (1, 2)))
    assert isinstance(event, Event)
    assert {field.name for field in fields(event)} >= {field.name for field in fields(Event)}


@pytest.mark.parametrize(("sound_s", "every_s"), [(0.5, 3), (0.75, 2), (1.25, 4), (2.25, 6)])
def test_separate_short_sounds_are_told_one_by_one_for_ever(sound_s, every_s):
    found, _ = heard(np.tile(frames((sound_s, 2), (every_s - sound_s, 0)), 300))
    assert [event.kind for event in found] == [UNUSUAL] * 300
    assert {event.end_s - event.start_s for event in found} == {sound_s}


def test_pauses_below_a_second_belong_to_a_lasting_change_too():
    found, _ = heard(np.tile(frames((0.25, 2), (0.75, 0)), 300))
    assert [event.kind for event in found] == [LASTING]


@pytest.mark.parametrize("kind", ["loud", "hushed"])
def test_after_a_passing_change_it_listens_again_within_seconds(kind):
    run = frames((100, 0), (90, 1), (160, 0))
    alarms, found = Alarms(), []
    for i, on in enumerate(run):
        beep = i * HOP_S in (130.0, 205.0, 235.0)  # amid the change, and 15 and 45 s after it
        score = 3.0 if beep or (on and kind == "loud") else 0.0
        hushed = bool(on) and kind == "hushed" and not beep
        found += alarms.add(Scored(i * HOP_S, (i + 1) * HOP_S, score, -30.0, 1000.0, hushed))
    lasting = [event for event in found if event.kind == LASTING]
    assert [event.start_s for event in lasting] == [100]
    assert lasting[0].end_s == 160  # told when a minute long
    assert (alarms.change.start_s, alarms.change.end_s) == (100, 190)
    assert not alarms.changed
    assert [event.start_s for event in found if event.start_s > 160] == [205, 235]
    assert alarms.change.hushed == (kind == "hushed")


def test_sounds_that_go_on_after_a_change_do_not_keep_it_up():
    found, changed = heard(
        np.concatenate([frames((30, 0), (90, 3)), np.tile(frames((0.5, 3), (2, 0)), 40)])
    )
    assert not changed[round(140 / HOP_S)]
    assert len(found) >= 1 + 40 - 8  # those of the first twenty seconds may be missing


def test_a_stray_frame_does_not_move_the_end_of_a_change():
    alarms = Alarms()
    scores = frames((30, 0), (90, 3), (4, 0), (0.25, 0.6), (20, 0))
    for i, score in enumerate(scores):
        list(alarms.add(Scored(i * HOP_S, (i + 1) * HOP_S, score, -30.0, 1000.0)))
    assert (alarms.changed, alarms.change.end_s) == (False, 120)


def test_change_upon_change_is_told_each_time():
    found, _ = heard(np.tile(frames((30, 0), (90, 3)), 5))
    assert [(event.kind, event.start_s) for event in found] == [
        (LASTING, start_s) for start_s in (30, 150, 270, 390, 510)
    ]
