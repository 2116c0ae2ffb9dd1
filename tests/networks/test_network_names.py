"""What the rooms of networks and training offer, and what they say where torch is missing."""

from __future__ import annotations

import importlib.util
import inspect
import subprocess
import sys

import pytest

from handful import networks, training
from handful.errors import MissingExtraError


@pytest.mark.parametrize("room", [networks, training])
def test_every_name_is_there_and_documented(room):
    assert sorted(room.__all__, key=str.lower) == sorted(room._HOMES, key=str.lower)
    for name in room.__all__:
        assert getattr(room, name).__name__ == name
        assert inspect.getdoc(getattr(room, name))
    with pytest.raises(AttributeError, match="no attribute 'nothing'"):
        _ = room.nothing


@pytest.mark.parametrize("room", ["networks", "training"])
def test_importing_the_room_does_not_load_torch(room):
    code = f"import handful.{room}, sys; print('torch' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"


@pytest.mark.parametrize(("room", "name"), [(networks, "MLP"), (training, "fit")])
def test_without_torch_the_install_line_is_said(room, name, monkeypatch):
    find = importlib.util.find_spec
    monkeypatch.setattr(room, "find_spec", lambda n: None if n == "torch" else find(n))
    with pytest.raises(MissingExtraError, match=r"pip install 'handful\[deep\]'"):
        getattr(room, name)
