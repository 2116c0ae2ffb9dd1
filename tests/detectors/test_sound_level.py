"""The sound level meter: class 1 of the standard, line by line, and sums done by hand."""

import math

import numpy as np
import pytest
from scipy import signal

from handful.detectors.sound_level import SoundLevelMeter
from made_sounds import noise, sine
from test_signals import RATES_HZ, TABLE, exact_hz

# IEC 61672-1:2013, table 4: milliseconds of a 4 kHz burst; Fast and Slow against the steady
# tone; class 1 tolerances above and below.
BURSTS = [
    (1000, 0.0, -2.0, 0.5, 0.5), (500, -0.1, -4.1, 0.5, 0.5), (200, -1.0, -7.4, 0.5, 0.5),
    (100, -2.6, -10.2, 1, 1), (50, -4.8, -13.1, 1, 1), (20, -8.3, -17.0, 1, 1),
    (10, -11.1, -20.0, 1, 1), (5, -14.1, -23.0, 1, 1), (2, -18.0, -27.0, 1, 1.5),
    (1, -21.0, None, 1, 2),
]  # fmt: skip


def read(samples, rate_hz, *, block=None):
    """All levels in a row, and the summary."""
    meter = SoundLevelMeter(rate_hz)
    step = block or max(1, len(samples))
    found = [meter.add(samples[i : i + step]) for i in range(0, len(samples), step)]
    found.append(meter.finish())
    joined = {
        name: np.concatenate([getattr(levels, name) for levels in found])
        for name in ("bands_db", "a_db", "fast_db")
    }
    return joined, meter.summary(), meter


@pytest.mark.parametrize("rate_hz", RATES_HZ)
@pytest.mark.parametrize(("nominal", "a_db", "c_db", "above", "below"), TABLE)
def test_weighted_levels_are_within_class_1(rate_hz, nominal, a_db, c_db, above, below):
    frequency = exact_hz(nominal)
    if frequency >= 0.49 * rate_hz:  # such a tone cannot be recorded at this rate
        frequency, a_db, c_db, above, below = 1000, 0.0, 0.0, 0.7, 0.7
    _, levels, _ = read(sine(frequency, 3.5, rate_hz=rate_hz, fade_s=1.0), rate_hz)
    assert -below <= levels.laeq - levels.lzeq - a_db <= above
    assert -below <= levels.lceq - levels.lzeq - c_db <= above


@pytest.mark.parametrize("rate_hz", [rate for rate in RATES_HZ if rate > 8000])
@pytest.mark.parametrize(("ms", "fast_db", "slow_db", "above", "below"), BURSTS)
def test_tone_bursts_are_within_class_1(rate_hz, ms, fast_db, slow_db, above, below):
    steady = read(sine(4000, 8, rate_hz=rate_hz), rate_hz)[1]
    burst = sine(4000, 3, rate_hz=rate_hz)
    burst[: rate_hz // 2] = 0
    burst[rate_hz // 2 + round(ms * rate_hz / 1000) :] = 0
    levels = read(burst, rate_hz)[1]
    assert -below <= levels.lmax - steady.lmax - fast_db <= above
    if slow_db is not None:
        assert -below <= levels.lsmax - steady.lsmax - slow_db <= above


def test_the_standards_burst_table_is_its_formula():
    for ms, fast_db, slow_db, _, _ in BURSTS:
        assert 10 * math.log10(1 - math.exp(-ms / 125)) == pytest.approx(fast_db, abs=0.06)
        if slow_db is not None:
            assert 10 * math.log10(1 - math.exp(-ms / 1000)) == pytest.approx(slow_db, abs=0.06)


@pytest.mark.parametrize("rate_hz", RATES_HZ)
def test_a_tone_has_its_level_in_its_third_octave(rate_hz):
    _, levels, meter = read(sine(1000, 4, rate_hz=rate_hz, rms=0.1), rate_hz)
    at = int(np.argmin(np.abs(meter.middles_hz - 1000)))
    assert levels.bands[at] == pytest.approx(-20, abs=0.2)  # the last frame reaches beyond it
    assert np.delete(levels.bands, at).max() < -50
    assert levels.lzeq == pytest.approx(-20, abs=0.01)
    assert levels.laeq == pytest.approx(-20, abs=0.1)


def test_white_noise_has_as_much_power_in_a_band_as_it_has_hertz():
    _, levels, meter = read(noise(60, rate_hz=48_000, rms=0.1), 48_000)
    widths = meter.middles_hz * (10**0.05 - 10**-0.05)
    np.testing.assert_allclose(levels.bands, -20 + 10 * np.log10(widths / 24_000), atol=0.3)
    assert np.logaddexp.reduce(levels.bands * math.log(10) / 10) == pytest.approx(
        math.log(0.01 * widths.sum() / 24_000), abs=0.01
    )


def test_percentiles_and_mean_of_a_sound_that_is_loud_a_quarter_of_the_time():
    samples = sine(1000, 40, rms=0.01)
    samples[: len(samples) // 4] *= 10
    levels = read(samples, 16_000)[1]
    assert levels.l10 == pytest.approx(-20, abs=0.1)
    assert levels.l50 == pytest.approx(-40, abs=0.1)
    assert levels.l90 == pytest.approx(-40, abs=0.1)
    assert levels.laeq == pytest.approx(10 * math.log10(0.25 * 0.01 + 0.75 * 0.0001), abs=0.05)
    assert levels.lmax == pytest.approx(-20, abs=0.1)


def test_fast_levels_are_those_of_an_independent_meter():
    """A bilinear filter far below its bend at 96 kHz, and an average sample by sample."""
    rate_hz = 96_000
    samples = noise(3, rate_hz=rate_hz, seed=3)
    samples[rate_hz:] *= 5
    band = signal.butter(4, [200, 4000], "bandpass", fs=rate_hz, output="sos")
    samples = signal.sosfilt(band, samples).astype(np.float32)
    poles = (
        -2 * np.pi * np.array([20.598997, 20.598997, 107.65265, 737.86223, 12194.217, 12194.217])
    )
    gain = (2 * np.pi * 12194.217) ** 2 * 10 ** (2.0 / 20)
    sos = signal.zpk2sos(*signal.bilinear_zpk([0, 0, 0, 0], poles, gain, rate_hz))
    kept = math.exp(-1 / (rate_hz * 0.125))
    fast = signal.lfilter([1 - kept], [1, -kept], signal.sosfilt(sos, samples) ** 2)
    found, levels, meter = read(samples, rate_hz)
    wanted = 10 * np.log10(fast.reshape(-1, meter.hop).max(axis=1))
    np.testing.assert_allclose(found["fast_db"][1:], wanted[1:], atol=0.1)
    assert levels.lmax == pytest.approx(wanted.max(), abs=0.05)


@pytest.mark.parametrize("rate_hz", [16_000, 44_100])
@pytest.mark.parametrize("block", [1, 63, 1000, 5489, 100_000])
def test_the_size_of_blocks_changes_nothing(rate_hz, block):
    samples = noise(1.3, rate_hz=rate_hz)
    if block == 1:
        samples = samples[:9000]
    whole, summary, _ = read(samples, rate_hz)
    parts, again, _ = read(samples, rate_hz, block=block)
    for name, levels in whole.items():
        np.testing.assert_allclose(parts[name], levels, atol=1e-4)
    for name in ("laeq", "lceq", "lzeq", "lmax", "lsmax", "l10", "l50", "l90"):
        assert getattr(again, name) == pytest.approx(getattr(summary, name), abs=1e-4)


def test_it_needs_no_more_memory_for_a_longer_sound():
    meter = SoundLevelMeter(16_000)
    block = noise(0.4)
    sizes = []
    for _ in range(200):
        meter.add(block)
        sizes.append(sum(v.nbytes for v in vars(meter).values() if isinstance(v, np.ndarray)))
    assert max(sizes) - min(sizes) <= 3 * meter.hop * 4


def test_what_is_no_number_counts_as_silence_and_is_counted():
    samples = sine(1000, 2, rms=0.1)
    samples[100:110] = np.nan
    samples[200], samples[300] = np.inf, -1e30
    _, levels, meter = read(samples, 16_000)
    assert meter.damaged == 12
    assert levels.laeq == pytest.approx(-20, abs=0.1)


def test_samples_at_full_scale_are_counted():
    samples = np.zeros(16_000, np.float32)
    samples[[5, 9]] = 1.0
    samples[7] = -1.0
    assert read(samples, 16_000)[2].clipped == 3


def test_silence_is_no_number_and_no_warning():
    found, levels, _ = read(np.zeros(16_000, np.float32), 16_000)
    assert levels.laeq == levels.lmax == levels.l50 == -math.inf
    assert found["a_db"].max() <= -120
    assert np.isfinite(found["bands_db"]).all()


@pytest.mark.parametrize("n_samples", [0, 1, 999, 2001, 3000])
def test_a_sound_shorter_than_a_frame_has_a_level_all_the_same(n_samples):
    found, levels, meter = read(sine(1000, 1)[:n_samples], 16_000)
    assert meter.n_samples == n_samples
    full, rest = divmod(n_samples, meter.hop)
    assert len(found["a_db"]) == full + (rest > meter.hop / 2)  # mostly silence says nothing
    if n_samples > 900:
        assert levels.lzeq == pytest.approx(-20, abs=0.2)
