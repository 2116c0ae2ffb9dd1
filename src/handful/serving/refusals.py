"""What a request is refused with: a status, a reason in plain words, the samples it is about."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from handful.errors import HandfulError


@dataclass(frozen=True)
class BadSample:
    """A sample that cannot be answered for, and why."""

    file: str
    reason: str


class Refusal(HandfulError):
    """A request is not answered.

    Parameters
    ----------
    status : int
        Of HTTP: 400 to 499, or 503 while the server stops.
    reason : str
        What was got, what is wanted.
    samples : sequence of BadSample
        Those that are to blame, where some are.
    retry_after_s : int, optional
        When asking again makes sense.
    """

    def __init__(
        self,
        status: int,
        reason: str,
        *,
        samples: Sequence[BadSample] = (),
        retry_after_s: int | None = None,
    ) -> None:
        super().__init__(reason)
        self.status = status
        self.reason = reason
        self.samples = tuple(samples)
        self.retry_after_s = retry_after_s

    def to_json(self) -> dict[str, Any]:
        """What the client reads."""
        return {
            "error": self.reason,
            "files": [{"file": bad.file, "reason": bad.reason} for bad in self.samples],
        }

    def headers(self) -> dict[str, str]:
        """What goes with it."""
        if self.status == 401:
            return {"WWW-Authenticate": "Bearer"}
        return {} if self.retry_after_s is None else {"Retry-After": str(self.retry_after_s)}
