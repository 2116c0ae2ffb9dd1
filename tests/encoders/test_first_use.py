"""The first use of a network by several threads at once."""

import subprocess
import sys

import pytest

from handful.encoders.runtimes import has_openvino

TRY = """
import os, sys, threading
import numpy as np
from handful.encoders.runtimes import OnnxRuntime, OpenVino
from handful.graphs import Graph

graph = Graph("tiny")
graph.output(graph.add("Relu", [graph.input("x", np.float32, ["n", 3])]), "y", np.float32, ["n", 3])
model = graph.model().SerializeToString()
run = OpenVino(model, "f32") if sys.argv[1] == "openvino" else OnnxRuntime(model)
sys.setswitchinterval(1e-6)  # threads change places as often as they can
together, answers = threading.Barrier(4), []

def work():
    together.wait()
    answers.append(run(np.full((2, 3), 5, np.float32)))

threads = [threading.Thread(target=work) for _ in range(4)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
assert [answer.tolist() for answer in answers] == [[[5.0] * 3] * 2] * 4
os._exit(0)
"""


@pytest.mark.parametrize("runtime", ["onnxruntime", "openvino"])
def test_threads_may_start_together(runtime):
    """pybind11 and the interpreter's lock wait for each other where nobody sees to it."""
    if runtime == "openvino" and not has_openvino():
        pytest.skip("handful[fast] is not installed")
    for _ in range(3):
        subprocess.run([sys.executable, "-c", TRY, runtime], check=True, timeout=30)
