"""What learns: pretrained networks as they are, fine-tuned, or networks from scratch."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from handful.encoders.base import Encoder
from handful.encoders.whole import Whole
from handful.errors import InputError, MissingExtraError
from handful.heads.teaching import has_torch
from handful.modalities.base import Modality

AUTO, FROZEN, FINETUNE, SCRATCH = "auto", "frozen", "finetune", "scratch"
_RECIPES = (AUTO, FROZEN, FINETUNE, SCRATCH)
_A_TAG = 50  # samples a tag from which `auto` tries networks: with fewer, folds hold too few


def refuse_recipe(recipe: str) -> None:
    """A recipe is one of four, and two of them need torch.

    Raises
    ------
    InputError
        There is no such recipe.
    MissingExtraError
        It needs torch.
    """
    if recipe not in _RECIPES:
        raise InputError(
            f"--recipe is {recipe!r}: give {AUTO} (whatever is best), {FROZEN} (pretrained "
            f"networks as they are), {FINETUNE} (their upper part learns too) or {SCRATCH} "
            "(networks that begin with nothing)."
        )
    if recipe in (FINETUNE, SCRATCH) and not has_torch():
        raise MissingExtraError(
            f"--recipe {recipe} needs PyTorch, which is not installed: pip install 'handful[deep]'"
        )


def network_encoders(
    recipe: str, modality: Modality, measures: Sequence[Any], *, n_tags: int
) -> tuple[Whole, ...]:
    """What networks learn from by this recipe; none where they could not win.

    Parameters
    ----------
    recipe : str
    modality : Modality
    measures : sequence
        Of each sample.
    n_tags : int
        1 where numbers are told.

    Raises
    ------
    InputError
        Nothing of this kind of sample can be fine-tuned.
    """
    if recipe == FROZEN:
        return ()
    if recipe == FINETUNE:
        lower = modality.lower_part(measures)
        if lower is None:
            raise InputError(
                f"--recipe {FINETUNE} tunes pretrained networks of photos and sounds; these are "
                f"{modality.nouns}. Use --recipe {SCRATCH} or {AUTO}."
            )
        return (lower,)
    if recipe == AUTO and not (has_torch() and len(measures) >= _A_TAG * n_tags):
        return ()
    whole = modality.whole(measures)
    return (whole,) if recipe == SCRATCH or len(measures) >= whole.enough else ()


def rivals(
    recipe: str, encoders: tuple[Encoder, ...], networks: tuple[Whole, ...]
) -> tuple[Encoder, ...]:
    """The encoders whose heads compete: all, or those of networks alone."""
    return networks if recipe in (FINETUNE, SCRATCH) else (*encoders, *networks)
