"""train: from a folder of tagged samples to a judged model in a folder of its own."""

from __future__ import annotations

import time
from pathlib import Path

from handful.bundle import REPORT_HTML, check_target, write_bundle
from handful.heads.pace import Pace
from handful.loading import usable_cores
from handful.progress import Progress, silent
from handful.sources import EXCLUSIVE, NUMBER, SEVERAL, Columns, open_samples
from handful.verbs.gathering import gather
from handful.verbs.own_encoders import opened_encoder
from handful.verbs.recipes import AUTO, refuse_recipe
from handful.verbs.refusals import chosen_kind, refuse_budget, refuse_inside, refuse_seed
from handful.verbs.results import Result
from handful.verbs.trained import STEPS
from handful.verbs.training_exclusive import train_exclusive
from handful.verbs.training_numbers import train_numbers
from handful.verbs.training_several import train_several

_KEPT, _ENDING_S = 0.9, 1.5  # of a budget: the end is left to the file, its check and the page
_LEARN = {EXCLUSIVE: train_exclusive, SEVERAL: train_several, NUMBER: train_numbers}


def train(
    samples: str | Path,
    to: str | Path = "model",
    *,
    tag: Columns | None = None,
    series: str | None = None,
    kind: str | None = None,
    group: str | None = None,
    encoder: str | Path | None = None,
    recipe: str = AUTO,
    seed: int = 0,
    budget: float | None = None,
    progress: Progress = silent,
) -> Result:
    """Learn from tagged samples, judge what was learnt, and write the model's folder.

    Parameters
    ----------
    samples : str or Path
        A folder with one sub-folder per tag, or a table (CSV, TSV, JSON Lines, Parquet) of
        rows, of texts or of paths.
    to : str or Path
        The model's folder: new, empty, or an older model that is then replaced.
    tag : str or sequence of str, optional
        The table's column of tags; or one column of yes and no (1 and 0) for each tag.
    series : str, optional
        The table's column that says which recording a row is a step of.
    kind : str, optional
        ``exclusive``: one tag a sample; ``several``: any number of them, with ``|`` between;
        ``number``. Default: seen from the tags.
    group : str, optional
        A column of the table, or a regular expression on the samples' names: those with the
        same value, or in which it finds the same text (its first bracket, if it has one), belong
        together and never stand on both sides of a split.
    encoder : str or Path, optional
        Of photos and sounds: an ONNX file with a network of your own and a card beside it, or
        ``hf:OWNER/NAME`` for one from the Hugging Face hub. It is one more rival of the built-in
        ones, and used where it is better.
    recipe : str
        ``frozen``: pretrained networks as they are; ``finetune``: their upper part learns too;
        ``scratch``: networks that begin with nothing learn from the samples alone; ``auto``: the
        first, and the last too where PyTorch is installed and there are enough samples.
    seed : int
        Same seed, same samples, same installation: same model, without a budget to the last bit.
    budget : float, optional
        Seconds that it may take. The quicker network looks where the better one would take longer
        to look; networks learn in fewer steps, and how many depends on the machine.
    progress : Progress

    Returns
    -------
    Result

    Raises
    ------
    InputError
        The samples cannot be judged, or the target cannot be written to; nothing was written.
    """
    started = time.perf_counter()
    folder, target = Path(samples), Path(to)
    refuse_seed(seed)
    refuse_budget(budget)
    refuse_recipe(recipe)
    refuse_inside(folder, target)
    check_target(target)
    source = open_samples(folder, tag=tag, group=group, series=series, kind=chosen_kind(kind))
    modality, found = source.modality, source.files
    own = opened_encoder(encoder, modality)
    until_s = None if budget is None else started + _KEPT * budget - _ENDING_S
    pace = Pace(until_s=until_s, n_side_by_side=usable_cores(), progress=progress)
    gathered = gather(
        modality,
        found,
        grouped=source.groups,
        kind=source.kind,
        group=None if source.columns.get("group") else group,
        budget_s=budget,
        own=own,
        recipe=recipe,
        pace=pace,
        progress=progress,
    )
    learn = _LEARN[source.kind]
    trained = learn(source, gathered, seed, progress)
    write_bundle(target, trained.files, trained.card)
    progress("writing", STEPS, STEPS)
    seconds = time.perf_counter() - started
    return Result(trained.report, seconds, target, target / REPORT_HTML, trained.cost_ms)
