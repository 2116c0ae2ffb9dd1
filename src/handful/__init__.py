"""From a handful of tagged samples to a model you can trust.

result = handful.train("photos", to="model")
handful.evaluate("model", "more-photos")
handful.predict("model", ["a.jpg", "b.png"])
handful.export("model", "model.zip")
handful.serve("model").run()
handful.studio("photos").run()
handful.count("squats.mp4").repetitions
for event in handful.listen("hall.wav"):
    print(event.start_s, event.level_db)
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handful.browsing.command import studio
    from handful.browsing.running import Studio
    from handful.serving.command import serve
    from handful.serving.running import Server
    from handful.verbs.chosen import Threshold
    from handful.verbs.counted import Counted, Tally
    from handful.verbs.counting import Counting, count
    from handful.verbs.evaluating import evaluate
    from handful.verbs.exported import Exported
    from handful.verbs.exporting import export
    from handful.verbs.hearing import Listening
    from handful.verbs.listening import listen
    from handful.verbs.predicting import predict
    from handful.verbs.predicting_exclusive import Prediction
    from handful.verbs.results import Result
    from handful.verbs.thresholding import threshold
    from handful.verbs.training import train

__version__ = "0.1.0"
__all__ = [
    "Counted", "Counting", "Exported", "Listening", "Prediction", "Result", "Server", "Studio",
    "Tally", "Threshold", "count", "evaluate", "export", "listen", "predict", "serve", "studio",
    "threshold", "train",
]  # fmt: skip
_HOMES = {
    "Counted": "verbs.counted",
    "Counting": "verbs.counting",
    "Tally": "verbs.counted",
    "count": "verbs.counting",
    "Prediction": "verbs.predicting_exclusive",
    "Result": "verbs.results",
    "evaluate": "verbs.evaluating",
    "Exported": "verbs.exported",
    "export": "verbs.exporting",
    "Listening": "verbs.hearing",
    "listen": "verbs.listening",
    "predict": "verbs.predicting",
    "Threshold": "verbs.chosen",
    "threshold": "verbs.thresholding",
    "train": "verbs.training",
    "Server": "serving.running",
    "serve": "serving.command",
    "Studio": "browsing.running",
    "studio": "browsing.command",
}


def __dir__() -> list[str]:
    """The public names, those not yet imported too."""
    return [*__all__, "__version__"]


def __getattr__(name: str) -> Any:
    """Import the verbs when they are first asked for: `import handful` itself costs nothing."""
    if name in _HOMES:
        return getattr(import_module(f"handful.{_HOMES[name]}"), name)
    raise AttributeError(f"module 'handful' has no attribute {name!r}")
