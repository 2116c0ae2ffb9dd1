"""Where `count` and `listen` may write."""

from __future__ import annotations

from pathlib import Path

from handful.errors import TargetError


def check_folder(file: Path, option: str) -> None:
    """Refuse a file in a folder that is not there: more often a slip than a wish.

    Raises
    ------
    TargetError
        With what to do.
    """
    folder = file.absolute().parent
    if not folder.is_dir():
        raise TargetError(f"there is no folder {folder}. Make it, or choose another {option}.")
