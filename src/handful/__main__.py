"""`python -m handful` is the command."""

from __future__ import annotations

from handful.cli import main

main()
