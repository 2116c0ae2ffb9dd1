"""A model's file, opened and run: from samples to what its outputs say."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Generic, TypeVar

import numpy as np

from handful.bundle import Bundle
from handful.encoders.runtimes import run_together
from handful.modalities.base import by_name
from handful.samples import Source
from handful.verbs.opening import not_together, open_model

PredictionT = TypeVar("PredictionT")
Row = tuple[Any, ...]  # what each output says of one sample


@dataclass(frozen=True)
class Seen:
    """What a model file says of one sample, and what shows whether it is a copy of another.

    Attributes
    ----------
    row : tuple of ndarray
        The model's outputs for it.
    likeness : ndarray of float32, shape (1, n_features)
    fingerprint : ndarray of float32, shape (1, n_values), or None
    small : ndarray of float32, shape (1, n_values), or None
        The sample made small.
    doubt : str
        What it lacks though all training samples had it; "" where it lacks nothing.
    """

    row: Row
    likeness: np.ndarray
    fingerprint: np.ndarray | None
    small: np.ndarray | None
    doubt: str


def check_same_model(bundle: Bundle) -> None:
    """Refuse a folder whose card does not belong to its model file.

    Raises
    ------
    BundleError
        The one or the other was changed.
    """
    import onnx

    model = onnx.load_from_string(bundle.read_model())
    metadata = {entry.key: entry.value for entry in model.metadata_props}
    bundle.check_same_card(metadata.get("card", ""))


class Predictor(Generic[PredictionT]):
    """A bundle's model.onnx, ready to answer with ONNX Runtime alone; threads may share it.

    Parameters
    ----------
    bundle : Bundle
    outputs : sequence of str
        Which of the file's outputs make an answer.
    say : callable
        From the bundle, a sample's name, its row of `outputs` and what it lacks to what is said
        of it.
    with_features : bool
        Also give features (`look`).
    """

    def __init__(
        self,
        bundle: Bundle,
        outputs: Sequence[str],
        say: Callable[[Bundle, str, Row, str], PredictionT],
        *,
        with_features: bool = False,
    ) -> None:
        self.bundle = bundle
        self.modality = by_name(bundle.card["modality"])
        self._outputs, self._say = tuple(outputs), say
        self._session = open_model(bundle, self._outputs, with_features=with_features)

    def predict(self, name: str, source: Source) -> PredictionT:
        """What the model says of one sample.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self.answers([name], [self.input_of(source)])[0]

    def input_of(self, source: Source) -> dict[str, np.ndarray]:
        """A sample as the model file takes it: a batch of one, by input.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        return self.modality.as_input(self.modality.read(source, self.bundle.card["reading"]))

    def answers(
        self, names: Sequence[str], inputs: Sequence[Mapping[str, np.ndarray]]
    ) -> list[PredictionT]:
        """What the model says of samples whose `inputs` have the same shapes, in one run.

        Raises
        ------
        BundleError
            The card does not fit what the file answers.
        """
        rows = zip(*run_together(self._session, self._outputs, inputs), strict=True)
        reading = self.bundle.card["reading"]
        doubts = [self.modality.doubt(one, reading) for one in inputs]
        found = zip(names, rows, doubts, strict=True)
        try:
            return [self._say(self.bundle, name, row, doubt) for name, row, doubt in found]
        except (LookupError, TypeError, ValueError) as error:
            raise not_together(self.bundle) from error

    def look(self, source: Source) -> Seen:
        """The outputs for one sample, and what shows whether it is a copy.

        Raises
        ------
        UnreadableError
            It is not a sample of the model's kind.
        """
        reading, likeness = self.bundle.card["reading"], self.bundle.card["likeness"]
        sample = self.modality.read(source, reading)
        given = self.modality.as_input(sample)
        *found, features = run_together(
            self._session, [*self._outputs, likeness["tensor"]], [given]
        )
        look, small = self.modality.fingerprint, self.modality.small
        return Seen(
            tuple(output[0] for output in found),
            features[:, slice(*likeness["columns"])],
            None if look is None else look.transform([sample]),
            None if small is None else small.transform([sample]),
            self.modality.doubt(given, reading),
        )
