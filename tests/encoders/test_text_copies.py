"""Texts with one word changed are known again, other texts are not."""

import numpy as np
import pytest

from handful.encoders.text_copies import TextCopies

PIECES = ("ba", "dor", "fu", "gel", "ki", "lo", "mun", "ne", "pa", "rit", "su", "te", "vo", "was")
WORDS = [first + second for first in PIECES for second in PIECES][::5]


def joined(texts):
    finder = TextCopies()
    return {tuple(pair) for pair in finder.pairs(finder.transform(texts)).tolist()}


@pytest.fixture(scope="module")
def texts():
    rng = np.random.default_rng(0)
    return [" ".join(rng.choice(WORDS, 25)) for _ in range(100)]


def one_word(text):
    words = text.split()
    words[7] = "umbrella"
    return " ".join(words)


@pytest.mark.parametrize(
    "change",
    [str.upper, lambda text: f"{text}!", lambda text: text.replace(" ", "\n\n"), one_word,
     lambda text: text.replace("e", "é", 1)],
    ids=["capitals", "a mark", "white space", "one word", "one letter"],
)  # fmt: skip
def test_copies_are_found_and_nothing_else(texts, change):
    expected = {(at, at + len(texts)) for at in range(len(texts))}
    assert joined([*texts, *map(change, texts)]) == expected


def test_of_short_texts_most_must_be_the_same():
    texts = [
        "Where is my card?",
        "where is my card",
        "Where is my cat?",
        "Is it here?",
        "?!",
        "...",
    ]
    assert joined(texts) == {(0, 1)}


def test_texts_in_other_scripts():
    texts = ["我的卡在哪里我想知道", "我的卡在哪里,我想知道!", "今天天气很好我们去公园散步"]
    assert joined(texts) == {(0, 1)}
