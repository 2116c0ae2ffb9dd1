"""What an encoder is: something that turns samples into numbers a head can learn from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

import numpy as np

if TYPE_CHECKING:
    from handful.encoders.weights import WeightCard
    from handful.graphs import Graph


LOGISTIC, NEAREST_MEAN = "logistic regression", "nearest class mean"
TFIDF = "TF-IDF logistic regression"  # columns are counts; rare ones weigh more
SIMILARITIES = "logistic regression on likeness, based"  # ... on meaning
BOOSTED, NETWORKS = "boosted trees", "network ensemble"
CNN, RNN = "convolutional network", "recurrent network"  # these need torch, as the next ones do
TRANSFORMER, MLP = "Transformer", "multilayer perceptron"
FINE_TUNED = "fine-tuned upper part"


class Encoder(Protocol):
    """Turns samples into features; never learns from them.

    Attributes
    ----------
    name : str
        For people: network and input size.
    key : str
        Identity for the feature cache: two encoders with one key give the same features.
    width : int
        Number of features.
    views : mapping of str to slice
        Named parts of the features that heads may look at; the first is the one to beat.
    """

    name: str

    @property
    def key(self) -> str:
        """See above."""
        ...

    @property
    def width(self) -> int:
        """See above."""
        ...

    @property
    def views(self) -> Mapping[str, slice]:
        """See above."""
        ...

    @property
    def heads(self) -> Mapping[str, tuple[str, ...]]:
        """Kinds of head worth trying on a view; logistic regression where nothing is said."""
        ...

    @property
    def likeness(self) -> slice:
        """The features in which samples of one thing are close."""
        ...

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """Features of a batch, float32 (n_samples, width)."""
        ...

    def exact(self) -> Encoder:
        """The encoder whose features equal the exported graph's; most are that themselves."""
        ...

    def weight_cards(self) -> tuple[WeightCard, ...]:
        """Where its pretrained weights come from; empty where there are none."""
        ...

    def write(self, graph: Graph, inputs: Mapping[str, str]) -> str:
        """Append the path from raw samples to features to `graph`; gives the features' name.

        `inputs` names the tensors that the modality hands over, by what it calls them.
        """
        ...


@runtime_checkable
class OfParts(Protocol):
    """An encoder of samples with parts, such as cells: one may lack what all others had."""

    def write_whole(self, graph: Graph, inputs: Mapping[str, str]) -> str | None:
        """Append whether samples have every part that all training samples had, bool (n,).

        Gives its name; None where there is no such part.
        """
        ...


class Fingerprint(Protocol):
    """Says which samples are copies of one another, or were taken together.

    Attributes
    ----------
    key : str
        Identity for the cache.
    width : int
    """

    key: str
    width: int

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """Fingerprints of a batch, float32 (n_samples, width)."""
        ...

    def hash_bits(self, fingerprints: np.ndarray) -> np.ndarray:
        """Perceptual hashes, 0 or 1, float32 (n_samples, n_bits)."""
        ...

    def mirrored_bits(self, fingerprints: np.ndarray) -> np.ndarray:
        """Hashes of the samples' mirror images, float32 (n_samples, n_bits)."""
        ...

    def taken_s(self, fingerprints: np.ndarray) -> np.ndarray:
        """When each was taken, float64 (n_samples,) in seconds; NaN where unknown."""
        ...

    def devices(self, fingerprints: np.ndarray) -> np.ndarray:
        """Number of the device that took each, float32 (n_samples,); 0 where unknown."""
        ...


class Copies(Protocol):
    """Says which samples are copies of one another, where no more is asked of a fingerprint.

    Attributes
    ----------
    key : str
        Identity for the cache.
    width : int
    """

    key: str
    width: int

    def transform(self, batch: Sequence[Any]) -> np.ndarray:
        """What is compared, float32 (n_samples, width)."""
        ...

    def pairs(self, prints: np.ndarray) -> np.ndarray:
        """Pairs of samples that are copies, int64 (n_pairs, 2), from float32 (n_samples, width)."""
        ...
