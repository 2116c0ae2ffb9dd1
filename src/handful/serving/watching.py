"""Looks after the models' folders: a changed one is taken up while requests go on."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterable

from handful.errors import HandfulError
from handful.serving.logs import tell
from handful.serving.models import Served


class Watch:
    """A thread that looks whether folders changed.

    Parameters
    ----------
    models : iterable of Served
    every_s : float
    on_change : callable
        Told the model's name and what became of the change.
    """

    def __init__(
        self, models: Iterable[Served], every_s: float, on_change: Callable[[str, str], None]
    ) -> None:
        self._models, self._every_s, self._on_change = list(models), every_s, on_change
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="watching", daemon=True)
        self._told: dict[str, str] = {}

    def start(self) -> None:
        """Begin."""
        self._thread.start()

    def stop(self) -> None:
        """End."""
        self._ended.set()

    def _watch(self) -> None:
        while not self._ended.wait(self._every_s):
            for model in self._models:
                self._look(model)

    def _look(self, model: Served) -> None:
        try:
            changed = model.refresh()
        except HandfulError as error:
            self._keep(model, str(error))
        except Exception as error:  # noqa: BLE001 - a strange file must not end the watch
            self._keep(model, type(error).__name__)
        else:
            self._told.pop(model.name, None)
            if changed:
                self._on_change(model.name, "taken up")
                tell("model changed", model=model.name, version=model.now.version)

    def _keep(self, model: Served, why: str) -> None:
        """Say once that a change cannot be used; it is looked at again and again."""
        if self._told.get(model.name) != why:
            self._told[model.name] = why
            self._on_change(model.name, "refused")
            tell("model kept", level=logging.WARNING, model=model.name, why=why)
