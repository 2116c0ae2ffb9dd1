"""Whether intervals hold the truth as often as they say, on sets of known difficulty.

The simulation is the benchmark's: benchmarks/intervals.py.
"""

import runpy
from pathlib import Path

import numpy as np
import pytest

BENCHMARK = Path(__file__).resolve().parents[2] / "benchmarks" / "intervals.py"
SHARES = ("accuracy", "balanced_accuracy", "macro_f1")


@pytest.fixture(scope="module")
def simulation():
    return runpy.run_path(str(BENCHMARK))


def covered(simulation, names, runs):
    """Share of runs whose interval held the truth, by metric, over the settings of these names."""
    settings = [s for s in simulation["SETTINGS"] if s.name in names]
    assert len(settings) == len(names)
    found = [simulation["one_run"](s, seed)["covered"] for s in settings for seed in range(runs)]
    return {metric: float(np.nanmean([one[metric] for one in found])) for metric in found[0]}


def test_intervals_hold_the_truth_about_as_often_as_they_say(simulation):
    """Enough to notice a judge that counts its repeats as samples; the slow test does more."""
    shares = covered(simulation, ("2 tags x 20", "3 tags x 10"), 16)
    for name in SHARES:
        assert shares[name] >= 0.9
    assert shares["auc"] >= 0.85


@pytest.mark.slow
def test_intervals_of_shares_hold_the_truth_in_93_to_97_of_100_cases(simulation):
    """All settings of the benchmark, 250 runs each."""
    names = [setting.name for setting in simulation["SETTINGS"]]
    rows = {name: covered(simulation, (name,), 250) for name in names}
    for metric in SHARES:
        of_settings = {name: row[metric] for name, row in rows.items()}
        assert 0.93 <= np.mean(list(of_settings.values())) <= 0.97, of_settings
