"""Devices: what there is, what is said where there is none, and threads put back."""

from __future__ import annotations

import pytest
import torch

from handful.errors import InputError
from handful.training.devices import cpu_threads, device_of


def test_the_quickest_there_is():
    if torch.cuda.is_available():
        expected = "cuda"
    else:
        expected = "mps" if torch.backends.mps.is_available() else "cpu"
    assert device_of().type == device_of("auto").type == expected
    assert device_of("cpu") == torch.device("cpu")


@pytest.mark.parametrize("name", ["gpu", "cpu:1", "cuda:77", "cuda:x", "", "mps:5"])
def test_no_such_device(name):
    with pytest.raises(InputError, match=r"There is: cpu.*auto"):
        device_of(name)


def test_threads_are_put_back_after_an_error_too():
    before = torch.get_num_threads()
    with cpu_threads(before + 3):
        assert torch.get_num_threads() == before + 3
    assert torch.get_num_threads() == before
    with pytest.raises(ZeroDivisionError), cpu_threads(before + 3):
        _ = 1 / 0
    assert torch.get_num_threads() == before


def test_who_ends_first_leaves_the_threads_of_the_others():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    try:
        one, other = cpu_threads(1), cpu_threads(1)
        one.__enter__()
        other.__enter__()
        one.__exit__(None, None, None)
        assert torch.get_num_threads() == 1
        other.__exit__(None, None, None)
        assert torch.get_num_threads() == 2
    finally:
        torch.set_num_threads(before)
