"""The command line: parse, call one verb, print."""

from __future__ import annotations

import signal
import sys
from typing import NoReturn

_STOPPED = "handful: stopped; nothing is left half-written."
_REMEMBERED = " What train has looked at is remembered: run it again and it goes on from there."
_FAULT, _WRONG_INPUT, _INTERRUPTED = 1, 2, 130


def main() -> None:
    """Run the command; Ctrl-C ends it in good order from the first import on."""
    interrupt = _Interrupt()
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, interrupt)
    try:
        from handful.cli.commands import run

        run()
    except BaseException as error:  # Typer and C libraries turn an interrupt into other errors
        if isinstance(error, SystemExit) and not error.code:
            raise  # it ended well, even if an interrupt was what ended a live sound
        if interrupt.came:
            _end_interrupted()
        _end(error)


def _end_interrupted() -> NoReturn:
    remembered = _REMEMBERED if sys.argv[1:2] == ["train"] else ""
    print(_STOPPED + remembered, file=sys.stderr)  # noqa: T201
    sys.exit(_INTERRUPTED)


def _end(error: BaseException) -> NoReturn:
    """One message for what is expected to fail, a traceback for what is not."""
    from handful.errors import HandfulError, InputError
    from handful.printing import printable

    if not isinstance(error, HandfulError):
        raise error
    lines = [printable(line) for line in str(error).split("\n")]
    print("handful:", "\n".join(lines), file=sys.stderr)  # noqa: T201
    sys.exit(_WRONG_INPUT if isinstance(error, InputError) else _FAULT)


class _Interrupt:
    """Ctrl-C: the first ends the work in good order, a second one at once."""

    def __init__(self) -> None:
        self.came = False

    def __call__(self, signum: int, frame: object) -> None:
        self.came = True
        signal.signal(signal.SIGINT, signal.SIG_DFL)
        raise KeyboardInterrupt
