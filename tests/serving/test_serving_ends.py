"""SIGTERM and Ctrl-C: what is under way is answered, nothing new is taken, the exit code is 0."""

import concurrent.futures
import contextlib
import signal
import socket
import time

import pytest
import requests

from asking import answer_of, serving


@pytest.fixture(autouse=True)
def _listening():
    """Commands that tests start hear Ctrl-C even where the tests themselves were told not to."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_requests_under_way_are_answered(model, more_shapes, how):
    photos = sorted(more_shapes.glob("*/*"))[::4] * 8
    with serving(model, timeout_s=60) as running:
        expected = [running.send(p).json()["predictions"][0] for p in photos[:9]] * 8
        with concurrent.futures.ThreadPoolExecutor(4) as pool:
            asked = [pool.submit(running.send, *photos) for _ in range(2)]
            while "handful_waiting_samples 0\n" in running.get("/metrics").text:
                time.sleep(0.01)
            code = running.end(how)
            for answer in asked:
                assert answer.result().json()["predictions"] == expected
        assert code == 0
        assert running.logged(event="stopped")
        with pytest.raises(requests.ConnectionError):
            running.get("/health")


def test_idle_and_half_sent_connections_do_not_keep_it(model):
    with serving(model, timeout_s=2) as running:
        idle, half = running.connect(), running.connect()
        half.sendall(b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Length: 99\r\n\r\nx")
        time.sleep(0.2)
        start_s = time.monotonic()
        assert running.end() == 0
        assert time.monotonic() - start_s < 10
        for connection in (idle, half):
            with contextlib.closing(connection), contextlib.suppress(ConnectionError):
                while connection.recv(65536):
                    pass


HEAD = b"POST /predict HTTP/1.1\r\nHost: a\r\nContent-Type: image/jpeg\r\nContent-Length: "


def test_requests_that_do_not_arrive_are_told_so_soon(model):
    """Much sooner than the time that a request may take."""
    with serving(model, timeout_s=60, request_mb=1) as running:
        start_s = time.monotonic()
        with running.connect() as large:
            large.sendall(HEAD + b"900000000\r\n\r\n")
            assert answer_of(large)[0] == 413
        with running.connect() as half_closed:
            half_closed.sendall(HEAD + b"99\r\n\r\nx")
            half_closed.shutdown(socket.SHUT_WR)
            status, said = answer_of(half_closed)
        assert status == 400
        assert "breaks off" in said["error"]
        with running.connect() as stalled:
            stalled.sendall(HEAD + b"99\r\n\r\nx")
            time.sleep(0.2)
            assert running.end() == 0
            assert answer_of(stalled)[0] == 503
        assert time.monotonic() - start_s < 30


def test_whoever_asks_twice_does_not_wait(model, more_shapes):
    photos = sorted(more_shapes.glob("*/*")) * 7
    with (
        serving(model, timeout_s=60) as running,
        concurrent.futures.ThreadPoolExecutor(1) as pool,
    ):
        asked = pool.submit(running.send, *photos)
        while "handful_waiting_samples 0\n" in running.get("/metrics").text:
            time.sleep(0.01)
        running.process.send_signal(signal.SIGTERM)
        time.sleep(0.5)
        start_s = time.monotonic()
        running.end(signal.SIGTERM)
        assert time.monotonic() - start_s < 10
        assert asked.exception() is not None or asked.result().status_code != 200
