"""What the page is told when something cannot be done: a status and a plain reason."""

from __future__ import annotations

from handful.errors import HandfulError


class Refused(HandfulError):
    """A request is not carried out.

    Parameters
    ----------
    status : int
        Of HTTP.
    reason : str
        What was got, what is wanted, what to do.
    """

    def __init__(self, status: int, reason: str) -> None:
        super().__init__(reason)
        self.status, self.reason = status, reason
