"""Opens a model's file for answering, once it is sure that card and file belong together."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handful.bundle import CARD, Bundle
from handful.encoders.foreign_graphs import first_line
from handful.encoders.runtimes import open_session
from handful.errors import BundleError
from handful.modalities.base import Modality, by_name
from handful.model_file import OUTPUT, with_outputs

_AGAIN = "Copy the whole folder again, or train again."


def open_model(bundle: Bundle, outputs: Sequence[str], *, with_features: bool = False) -> Any:
    """An ONNX Runtime session of a bundle's model file.

    Parameters
    ----------
    bundle : Bundle
    outputs : sequence of str
        What it must give.
    with_features : bool
        Also give the features by which samples are compared.

    Raises
    ------
    BundleError
        The file cannot be opened, holds what no model of handful's does, or is not the one that
        the card tells of.
    """
    model = bundle.read_model()
    session = _session(bundle, model, arena=False)
    bundle.check_same_card(session.get_modelmeta().custom_metadata_map.get("card", ""))
    _check_ports(bundle, by_name(bundle.card["modality"]), session, outputs)
    if not with_features:
        return session
    return _session(bundle, with_outputs(model, [_likeness(bundle)]), arena=True)


def not_together(bundle: Bundle) -> BundleError:
    """What to say where a model file does not do what its card says."""
    return BundleError(
        f"{bundle.folder} holds a model that does not do what its card says: {CARD} and model "
        f"file do not belong together. {_AGAIN}"
    )


def _session(bundle: Bundle, model: bytes, *, arena: bool) -> Any:
    try:
        return open_session(model, threads=1, arena=arena)
    except Exception as error:  # the runtime's errors have no common root
        raise BundleError(
            f"{bundle.folder} holds a model that ONNX Runtime does not open: {first_line(error)}"
        ) from error


def _check_ports(bundle: Bundle, modality: Modality, session: Any, outputs: Sequence[str]) -> None:
    """Refuse a model that does not take what its card says, or does not give answers."""
    try:
        taken = {name for name, _, _ in modality.inputs(bundle.card["reading"])}
    except (LookupError, TypeError, ValueError, AttributeError) as error:
        raise BundleError(
            f"{bundle.folder / CARD} does not say how a {modality.noun} is read: it is damaged, "
            f"or of another handful. {_AGAIN}"
        ) from error
    shapes = {port.name: port.shape for port in session.get_outputs()}
    if set(outputs) - shapes.keys() or taken != {port.name for port in session.get_inputs()}:
        raise not_together(bundle)
    if OUTPUT in outputs and shapes[OUTPUT][1:] != [len(bundle.tags)]:
        raise not_together(bundle)


def _likeness(bundle: Bundle) -> str:
    """The tensor that shows whether samples are alike."""
    found = bundle.card.get("likeness")
    if not isinstance(found, dict) or not isinstance(found.get("tensor"), str):
        raise BundleError(
            f"{bundle.folder / CARD} does not say by what samples are compared: it is damaged. "
            f"{_AGAIN}"
        )
    return str(found["tensor"])
