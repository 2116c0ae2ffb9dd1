"""The encoder that the user names, opened before any other work is done."""

from __future__ import annotations

from pathlib import Path

from handful.encoders.hub import HUB, fetch
from handful.encoders.own_networks import OwnNetwork
from handful.encoders.own_opening import open_own_network
from handful.errors import InputError
from handful.modalities.base import Modality, modalities


def opened_encoder(encoder: str | Path | None, modality: Modality) -> OwnNetwork | None:
    """The network of an ONNX file or of the hub, checked and tried; None where none is named.

    Parameters
    ----------
    encoder : str or Path, optional
    modality : Modality
        Of the samples at hand.

    Raises
    ------
    InputError
        These samples take none, or it is refused.
    MissingExtraError
        It is to come from the hub, and ``handful[hub]`` is not installed.
    """
    if encoder is None:
        return None
    if modality.own_input is None:
        able = " and ".join(m.nouns for m in modalities() if m.own_input is not None)
        raise InputError(f"--encoder is for {able}; these are {modality.nouns}. Leave it out.")
    if str(encoder).startswith(HUB):
        return _from_hub(str(encoder), modality.own_input)
    return open_own_network(Path(encoder), modality.own_input)


def _from_hub(name: str, takes: str) -> OwnNetwork:
    found = fetch(name)
    try:
        return open_own_network(found.path, takes, within=found.folder, origin=found.origin)
    except InputError as error:
        if found.path.with_suffix(".json").exists():
            raise
        raise InputError(
            f"{name} comes without a card. Copy {found.path} into a folder of your own, write its "
            f"card beside it, and name that file.\n{error}"
        ) from error
