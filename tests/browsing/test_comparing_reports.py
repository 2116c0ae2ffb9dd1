"""Two models on the same samples: an exact test, against SciPy's and a count of all flips."""

import itertools

import numpy as np
import pytest

from handful.browsing.comparing import difference, sign_flip_p, verdicts

scipy_stats = pytest.importorskip("scipy.stats")


def judged(rights, groups=None):
    groups = groups or range(len(rights))
    return {f"s{i}": ("t", bool(r), g) for i, (r, g) in enumerate(zip(rights, groups, strict=True))}


@pytest.mark.parametrize(("mended", "broken"), [(0, 0), (1, 0), (5, 1), (12, 3), (4, 9), (30, 10)])
def test_samples_that_stand_alone_give_mcnemars_exact_test(mended, broken):
    before = judged([False] * mended + [True] * broken + [True] * 7)
    after = judged([True] * mended + [False] * broken + [True] * 7)
    found = difference(before, after)
    wanted = scipy_stats.binomtest(mended, mended + broken).pvalue if mended + broken else 1.0
    assert (found.n, found.mended, found.broken) == (mended + broken + 7, mended, broken)
    assert found.p_value == pytest.approx(wanted, rel=1e-12)


def test_groups_are_flipped_as_one():
    sums = [3, -1, 2, 4]
    flips = [sum(s * x for s, x in zip(signs, sums, strict=True))
             for signs in itertools.product((1, -1), repeat=4)]  # fmt: skip
    wanted = np.mean([abs(total) >= 8 for total in flips])
    assert sign_flip_p(sums) == wanted
    before, after = judged([False] * 10, [0] * 10), judged([True] * 10, [0] * 10)
    assert difference(before, after).p_value == 1.0  # ten photos of one burst say nothing


def test_ten_mended_samples_are_more_than_chance_and_one_is_not():
    ten = difference(judged([False] * 10), judged([True] * 10))
    assert ten.p_value == pytest.approx(2 / 1024)
    assert ten.words() == (
        "Of the 10 samples that both judged, 10 were mended and 0 spoilt. "
        "That is more than chance: it is better."
    )
    assert "no more than chance" in difference(judged([False]), judged([True])).words()


def test_only_samples_with_the_same_tag_are_compared():
    head = "file,tag,predicted,probability,fold,group,sha256\n"
    before = verdicts(f"{head}a.jpg,cat,dog,0.9,0,0,aa\nb.jpg,cat,cat,0.9,0,1,bb\n".encode())
    after = verdicts(f"{head}a.jpg,dog,dog,0.9,0,0,aa\nb.jpg,cat,cat,0.9,0,1,bb\n".encode())
    found = difference(before, after)
    assert (found.n, found.mended, found.broken) == (1, 0, 0)
