"""The command as a person runs it: the installed script, in a process of its own."""

from __future__ import annotations

import contextlib
import csv
import hashlib
import json
import os
import re
import shutil
import subprocess
import sysconfig
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

COMMAND = Path(sysconfig.get_path("scripts")) / "handful"
FILES = {"model.onnx", "card.json", "report.html", "report.json", "predictions.csv"}
STAGES = ("reading", "looking", "judging", "writing")  # of train
_STAGE = re.compile(
    rf"^({'|'.join((*STAGES, 'counting', 'drawing'))})( \.\.\.|: \d+ of \d+)\n", re.MULTILINE
)


@dataclass(frozen=True)
class Run:
    """How one command ended."""

    code: int
    out: str
    err: str

    def json(self) -> Any:
        """The one JSON object on stdout of a run that succeeded."""
        assert self.code == 0, self.err
        assert self.out.count("\n") == 1
        return json.loads(self.out)

    @property
    def message(self) -> str:
        """The one message of a run that was refused, progress left out."""
        assert self.code == 2, (self.code, self.out, self.err)
        assert self.out == ""
        assert "Traceback" not in self.err
        message = _STAGE.sub("", self.err)
        assert message.startswith("handful: ")
        assert message.count("handful: ") == 1
        return message.removeprefix("handful: ")


def started(
    *words: str | bytes | Path, prefix: Sequence[str] = (), **options: Any
) -> subprocess.Popen[bytes]:
    """The command, running."""
    pipes = {"stdin": subprocess.DEVNULL, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    return subprocess.Popen([*prefix, COMMAND, *words], **(pipes | options))


def handful(
    *words: str | bytes | Path,
    stdin: bytes = b"",
    prefix: Sequence[str] = (),
    env: dict[str, str] | None = None,
    cwd: Path | None = None,
    timeout_s: float = 180,
) -> Run:
    """The command, run to its end; what takes longer than `timeout_s` hangs and fails."""
    done = subprocess.run(
        [*prefix, COMMAND, *words],
        input=stdin,
        capture_output=True,
        cwd=cwd,
        env={**os.environ, **(env or {})},
        timeout=timeout_s,
        check=False,
    )
    return Run(done.returncode, done.stdout.decode(), done.stderr.decode())


@contextlib.contextmanager
def on_a_terminal(
    *words: str | bytes | Path, env: dict[str, str] | None = None, stdin: Any = subprocess.DEVNULL
) -> Iterator[tuple[subprocess.Popen[bytes], Iterator[str]]]:
    """The command with a terminal as stderr, and all that it has written there, ever longer."""
    import pty  # not on Windows

    ours, theirs = pty.openpty()
    wide = {**os.environ, "TERM": "xterm", "COLUMNS": "100", **(env or {})}
    with started(*words, stdin=stdin, stderr=theirs, env=wide) as process:
        os.close(theirs)
        try:
            yield process, _read_terminal(ours)
        finally:
            process.kill()
            os.close(ours)


def _read_terminal(descriptor: int) -> Iterator[str]:
    seen = b""
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux says so when nobody writes any more
            return
        if not piece:
            return
        seen += piece
        yield seen.decode(errors="replace")


def tree(folder: Path) -> dict[str, str]:
    """Everything below a folder, hidden or not, by name: what it is and what is in it."""
    found = {}
    for path in sorted(folder.rglob("*")):
        if path.is_symlink():
            content = f"link to {path.readlink()}"
        elif path.is_file():
            content = hashlib.sha256(path.read_bytes()).hexdigest()
        else:
            content = "folder"
        found[os.fsencode(path.relative_to(folder)).decode(errors="backslashreplace")] = content
    return found


def rows(model: Path) -> list[dict[str, str]]:
    """predictions.csv, row by row."""
    with (model / "predictions.csv").open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def report(model: Path) -> Any:
    """report.json."""
    return json.loads((model / "report.json").read_text(encoding="utf-8"))


def linked(model: Path, copy: Path) -> Path:
    """A copy of a model whose files may be deleted and replaced, but not written into."""
    return Path(shutil.copytree(model, copy, copy_function=os.link))
