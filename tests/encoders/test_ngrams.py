"""Counts of pieces of texts, against scikit-learn's counting and pairs taken by hand."""

from collections import Counter
from itertools import combinations
from zlib import crc32

import numpy as np
import pytest
from sklearn.feature_extraction.text import CountVectorizer

from handful.encoders.ngrams import NGrams, ngram_columns

SHARE = 64
TEXTS = (
    "the parcel with my new bicycle has not come yet",
    "Größe und naïve Zwölf",
    "a a a b",
    "東京 は 大きい",
    "one two three four five six seven eight nine ten eleven twelve",
)


def counted(pieces, columns):
    """Float64 (columns,): how often pieces fall into each column by their CRC-32."""
    found = np.zeros(columns)
    for piece, times in Counter(pieces).items():
        found[crc32(piece.encode()) % columns] += times
    return found


def pieces(text, **how):
    return CountVectorizer(**how).build_analyzer()(text)


def expected(text):
    runs = pieces(text, analyzer="char_wb", ngram_range=(2, 5))
    words = pieces(text, token_pattern=r"\w+")
    starts = [word[:4] for word in words]
    pairs = [" ".join(sorted((starts[i], starts[j])))
             for i, j in combinations(range(len(starts)), 2) if j - i <= 9]  # fmt: skip
    return np.concatenate(
        [
            counted(runs, 4 * SHARE),
            counted(words, 2 * SHARE) + counted([f"{start}-" for start in starts], 2 * SHARE),
            counted(pairs, 4 * SHARE),
        ]
    )


@pytest.fixture(scope="module")
def encoder():
    return NGrams(SHARE)


@pytest.mark.parametrize("text", TEXTS)
def test_every_column_holds_the_logarithm_of_its_count(encoder, text):
    (features,) = encoder.transform([encoder.tokens(text)])
    assert features.shape == (encoder.width,)
    assert np.allclose(features, np.log1p(expected(text)), atol=1e-6)


def test_texts_of_unequal_length_are_counted_side_by_side(encoder):
    together = encoder.transform([encoder.tokens(text) for text in TEXTS])
    assert np.allclose(together, np.log1p([expected(text) for text in TEXTS]), atol=1e-6)


def test_case_spaces_and_compatible_forms_are_the_same():
    plain = ngram_columns("file no 2", SHARE)
    assert np.array_equal(plain, ngram_columns("  FILE\n\tNo  2 ", SHARE))
    assert np.array_equal(plain, ngram_columns("ﬁle no ２", SHARE))


def test_signs_without_a_word_are_counted_too(encoder):
    (features,) = encoder.transform([encoder.tokens("?!")])
    assert np.expm1(features).sum() == pytest.approx(6)  # " ?", "?!", "! ", 2 of 3, 1 of 4


def test_fewer_columns_are_another_encoder():
    assert NGrams(256).width == 2560
    assert NGrams(256).key != NGrams(1024).key
