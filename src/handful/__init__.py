"""From a handful of tagged samples to a model you can trust.

result = handful.train("photos", to="model")
handful.evaluate("model", "more-photos")
handful.predict("model", ["a.jpg", "b.png"])
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from handful.verbs import Prediction, Result, evaluate, predict, train

__version__ = "0.1.0"
__all__ = ["Prediction", "Result", "evaluate", "predict", "train"]


def __getattr__(name: str) -> Any:
    """Import the verbs when they are first asked for: `import handful` itself costs nothing."""
    if name in __all__:
        from handful import verbs

        return getattr(verbs, name)
    raise AttributeError(f"module 'handful' has no attribute {name!r}")
