"""listen, live: events as they end, a meter in the terminal, an end in good order."""

import json
import select
import signal
import subprocess

import pytest

import handful
from doors import handful as command
from doors import on_a_terminal, started
from made_sounds import RATE_HZ, hall, write_wav


def test_a_pipe_gives_its_events_as_lines_and_then_the_summary(tmp_path):
    wav = write_wav(tmp_path / "hall.wav", hall())
    wanted = [event.start_s for event in handful.listen(wav)]
    raw = (hall() * 32767).round().astype("<i2").tobytes()
    for run in (
        command("listen", "-", "--json", stdin=wav.read_bytes()),
        command("listen", "-", "--json", "--rate-hz", "16000", stdin=raw),
    ):
        assert run.code == 0, run.err
        *events, summary = map(json.loads, run.out.splitlines())
        assert events == summary["events"]
        assert [event["start_s"] for event in events] == wanted


def test_a_stream_that_ends_amid_an_event_tells_it_too():
    raw = (hall(seconds=40.7) * 32767).round().astype("<i2").tobytes()
    run = command("listen", "-", "--json", "--rate-hz", "16000", stdin=raw)
    event, summary = map(json.loads, run.out.splitlines())
    assert summary["events"] == [event]
    assert event["end_s"] == pytest.approx(40.7, abs=0.2)


def test_a_stream_tells_an_event_before_it_ends():
    raw = (hall(seconds=60) * 32767).round().astype("<i2").tobytes()
    with started("listen", "-", "--json", "--rate-hz", "16000", stdin=subprocess.PIPE) as process:
        process.stdin.write(raw[: 45 * RATE_HZ * 2])
        process.stdin.flush()
        first = json.loads(process.stdout.readline())
        assert first["start_s"] == pytest.approx(40, abs=0.2)
        process.stdin.close()
        assert json.loads(process.stdout.read().splitlines()[-1])["seconds"] == 45


def test_a_live_sound_moves_a_meter_in_the_terminal_and_ends_with_a_summary(tmp_path):
    raw = (hall() * 32767).round().astype("<i2").tobytes()
    words = ("listen", "-", "--rate-hz", "16000")
    sound = tmp_path / "hall.raw"
    sound.write_bytes(raw)
    screen = ""
    with sound.open("rb") as stdin, on_a_terminal(*words, stdin=stdin) as (process, screens):
        for screen in screens:
            if "so far" in screen and "usual" in screen:
                break
        out = process.stdout.read().decode()
    assert "█" in screen
    assert "Unusual    2 times" in out


def test_an_interrupt_ends_a_live_sound_in_good_order():
    raw = (hall(seconds=45) * 32767).round().astype("<i2").tobytes()
    with started("listen", "-", "--json", "--rate-hz", "16000", stdin=subprocess.PIPE) as process:
        process.stdin.write(raw)
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["score"] > 1
        process.send_signal(signal.SIGINT)
        summary = json.loads(process.stdout.readline())
        process.stdin.close()
    assert process.returncode == 0
    assert 40 < summary["seconds"] <= 45
    assert len(summary["events"]) == 1


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_piped_file_is_ended_by_a_signal_with_all_that_was_heard(tmp_path, number):
    """A WAV of unknown length, as a recorder writes it into a pipe."""
    data = bytearray(write_wav(tmp_path / "a.wav", hall(seconds=45)).read_bytes())
    data[4:8] = data[40:44] = b"\xff" * 4
    with started("listen", "-", "--json", stdin=subprocess.PIPE) as process:
        process.stdin.write(bytes(data))
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["score"] > 1
        process.send_signal(number)
        summary = json.loads(process.stdout.readline())
        process.stdin.close()
    assert process.returncode == 0
    assert 40 < summary["seconds"] <= 45
    assert summary["warnings"] == []
    assert summary["file"] == "-"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_ended_before_any_sound_is_no_report_of_silence(number):
    with started("listen", "-", "--json", "--rate-hz", "16000", stdin=subprocess.PIPE) as process:
        assert not select.select([process.stdout], [], [], 3)[0]
        process.send_signal(number)
        assert process.stdout.read() == b""
        process.stdin.close()
    assert process.returncode == (130 if number == signal.SIGINT else 2)


def test_a_stray_byte_is_no_sound():
    run = command("listen", "-", "--rate-hz", "16000", stdin=b"x")
    assert "not a single sample of sound in standard input" in run.message
