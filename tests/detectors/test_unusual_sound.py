"""Unusual sound: what stands out is heard, promises are kept, what cannot be is not promised."""

import numpy as np
import pytest

from handful.detectors.base import Detector
from handful.detectors.sound_baseline import LEAST_FRAMES, learn, usual
from handful.detectors.sound_level import SoundLevelMeter
from handful.detectors.stored_baseline import START, from_file, is_stored, to_bytes
from handful.detectors.unusual_sound import UnusualSound
from handful.errors import InputError
from made_sounds import RATE_HZ, hall, noise, sine


def levels(samples, rate_hz=RATE_HZ):
    meter = SoundLevelMeter(rate_hz)
    parts = [meter.add(samples), meter.finish()]
    bands = np.concatenate([part.bands_db for part in parts])
    return bands, np.concatenate([part.a_db for part in parts]), meter


def trained(samples, *, seconds=30.0, rate_hz=RATE_HZ):
    """A detector with its baseline, and the frames that come after it."""
    bands, _, meter = levels(samples, rate_hz)
    n = round(seconds / meter.hop_s)
    detector = UnusualSound(meter.middles_hz, hop_s=meter.hop_s, baseline_frames=n)
    for frame in bands[:n]:
        detector.learn_one(frame)
    return detector, bands[n:]


def gaussian_frames(n, *, seed=0, n_bands=20):
    """Frames that come about alike, without any sound behind them."""
    return np.random.default_rng(seed).normal(-50, 1, (n, n_bands)).astype(np.float32)


def baseline_of(bands):
    middles = 1000 * 10 ** (np.arange(-10, bands.shape[1] - 10) / 10)
    return learn(bands, bands.mean(axis=1), middles_hz=middles, hop_s=0.125)


def test_it_is_a_detector_and_says_nothing_before_it_is_ready():
    detector = UnusualSound(np.array([500.0, 1000]), hop_s=0.125, baseline_frames=80)
    assert isinstance(detector, Detector)
    frame = np.array([-50.0, -52])
    for count in range(80):
        assert not detector.ready
        assert detector.score_one(frame) is None
        assert detector.learnt == pytest.approx(count / 80)
        detector.learn_one(frame)
    assert detector.ready
    assert detector.score_one(frame) < 1


def test_a_complete_baseline_learns_no_more():
    detector, later = trained(noise(40))
    before = detector.score_one(later[0])
    loud = later[0] + 20
    for _ in range(500):
        detector.learn_one(loud)
    assert detector.score_one(later[0]) == before
    assert detector.score_one(loud) > 1


def test_one_frame_scores_like_many_together():
    detector, later = trained(hall())
    one_by_one = [detector.score_one(frame) for frame in later]
    np.testing.assert_allclose(detector.compare(later).scores, one_by_one, rtol=1e-12)


def test_median_and_spread_are_the_robust_ones():
    bands = gaussian_frames(4000)
    bands[::10] += 40  # a tenth of it is something else
    found = usual(bands, 1000 * 10 ** (np.arange(-10, 10) / 10))
    np.testing.assert_allclose(found.median_db, -50, atol=0.2)
    np.testing.assert_allclose(found.spread_db, 1.0, rtol=0.2)


def test_a_tone_far_below_the_noise_is_heard_by_its_third_octave():
    """12 dB under the noise the A-weighted level rises by 0.3 dB: nothing else would hear it."""
    samples = noise(75, rate_hz=48_000, rms=0.1)
    start = 66 * 48_000
    tone = sine(2000, 3, rate_hz=48_000, rms=0.1 * 10 ** (-12 / 20))
    samples[start : start + len(tone)] += tone
    detector, later = trained(samples, seconds=60, rate_hz=48_000)
    found = detector.compare(later)
    times = 60 + np.arange(len(later)) * detector.hop_s
    during = (times > 66.2) & (times < 68.6)
    assert (found.scores[during] > 1).mean() > 0.9
    assert (found.scores[(times < 65.8) | (times > 69.2)] < 1).all()
    assert set(found.bands_hz[during].round()) == {1995}


def test_a_louder_sound_of_the_same_kind_is_heard_by_its_level():
    detector, later = trained(hall(gain_db=9))
    scores = detector.compare(later).scores
    assert scores[81:87].min() > 1  # the second from 40 s on
    assert np.delete(scores, np.r_[79:90, 158:166]).max() < 1


def test_what_is_no_level_is_no_alarm():
    detector, later = trained(noise(40))
    frame = later[0].copy()
    frame[3], frame[5], frame[7] = np.nan, -np.inf, np.inf
    assert detector.score_one(frame) < 1


def test_far_quieter_than_ever_is_a_hush_and_no_event():
    detector, later = trained(noise(40))
    found = detector.compare(np.stack([later[0], later[0] - 30]))
    assert found.hushed.tolist() == [False, True]
    assert (found.scores < 1).all()


def test_a_baseline_of_silence_is_refused():
    with pytest.raises(InputError, match="all of the baseline is silence, as of a muted"):
        trained(np.concatenate([np.zeros(30 * RATE_HZ), noise(3)]).astype("f4"))
    with pytest.raises(InputError, match=r"6\d% of the baseline is silence"):
        trained(np.concatenate([noise(10), np.zeros(20 * RATE_HZ), noise(3)]).astype("f4"))


def test_a_baseline_may_hold_a_pause():
    samples = np.concatenate([noise(20), np.zeros(10 * RATE_HZ), noise(3, seed=1)])
    detector, later = trained(samples.astype("f4"))
    assert detector.compare(later[2:-1]).scores.max() < 1


def test_too_short_a_baseline_is_refused():
    with pytest.raises(InputError, match="at least 8 s"):
        baseline_of(gaussian_frames(LEAST_FRAMES - 1))
    with pytest.raises(InputError, match="not complete"):
        UnusualSound(np.ones(1), hop_s=0.125, baseline_frames=100).compare(np.zeros((1, 1)))


@pytest.mark.parametrize(
    ("seconds", "per_hour", "kept"),
    [(3600, 1, True), (3592, 1, False), (1800, 2, True), (1800, 1.9, False), (30, 120, True),
     (30, 1, False)],
)  # fmt: skip
def test_a_promise_takes_as_many_seconds_as_its_closed_form_says(seconds, per_hour, kept):
    """n seconds promise one alarm in n + 1: alpha >= 1 / (n + 1)."""
    baseline = baseline_of(gaussian_frames(seconds * 8, n_bands=3))
    assert baseline.rarest_per_hour == pytest.approx(3600 / (seconds + 1))
    assert (baseline.threshold(per_hour) is not None) == kept
    assert baseline.threshold(None) == 1.0


@pytest.mark.parametrize("per_hour", [240, 60])
def test_promised_rates_are_kept_on_average_over_many_baselines(per_hour):
    """400 times a minute (or two) of baseline and five minutes after it, all alike."""
    alarms, hours = 0, 0.0
    for seed in range(400):
        seconds = 60 if per_hour == 240 else 120
        bands = gaussian_frames((seconds + 300) * 8, seed=seed, n_bands=6)
        baseline = baseline_of(bands[: seconds * 8])
        detector = UnusualSound(baseline.middles_hz, hop_s=0.125, baseline_frames=1)
        detector.baseline = baseline
        limit = baseline.threshold(per_hour)
        over = detector.compare(bands[seconds * 8 :]).scores >= limit
        alarms += int(over.reshape(-1, 8).any(axis=1).sum())
        hours += 300 / 3600
    assert 0 < alarms / hours <= per_hour


def test_a_rarer_promise_has_a_higher_threshold_and_none_exceeds_the_strictest():
    baseline = baseline_of(gaussian_frames(28_800, n_bands=4))
    limits = [baseline.threshold(rate) for rate in (1, 10, 100, 1000)]
    assert limits == sorted(limits, reverse=True)
    assert limits[0] <= 1


def test_a_stored_baseline_is_the_baseline(tmp_path):
    detector, later = trained(hall())
    file = tmp_path / "hall.json"
    file.write_bytes(to_bytes(detector.baseline))
    assert is_stored(file)
    assert file.read_bytes().startswith(START)
    again = UnusualSound(detector.middles_hz, hop_s=detector.hop_s, baseline_frames=1)
    again.baseline = from_file(file)
    np.testing.assert_array_equal(again.compare(later).scores, detector.compare(later).scores)
    assert again.baseline.rarest_per_hour == detector.baseline.rarest_per_hour
    for rate in (200, 1000):
        wanted = detector.baseline.threshold(rate)
        assert again.baseline.threshold(rate) == pytest.approx(wanted, abs=1e-5)


@pytest.mark.parametrize(
    ("find", "put", "says"),
    [('"version": 1', '"version": 9', "another version"), ('"hop_s"', '"hops"', "damaged"),
     ('"median_db": [', '"median_db": [1.0, ', "damaged"), ("-", "NaN, -", "damaged"),
     ("}", "", "damaged")],
)  # fmt: skip
def test_a_damaged_baseline_is_refused(tmp_path, find, put, says):
    detector, _ = trained(noise(31))
    file = tmp_path / "hall.json"
    text = to_bytes(detector.baseline).decode()
    file.write_text(START.decode() + text.removeprefix(START.decode()).replace(find, put, 1))
    with pytest.raises(InputError, match=says):
        from_file(file)


def test_other_files_are_no_stored_baselines(tmp_path):
    (tmp_path / "a.json").write_text('{"other": 1}')
    assert not is_stored(tmp_path / "a.json")
    assert not is_stored(tmp_path)
    assert not is_stored(tmp_path / "absent")
