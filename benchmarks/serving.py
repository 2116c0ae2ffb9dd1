"""How fast `handful serve` answers: beside ONNX Runtime in a loop, and beside a Flask server.

    python benchmarks/serving.py MODEL [--photos FOLDER] [--rounds N] [--seconds S] [--large]

MODEL is a folder that `handful train` wrote from photos. Everything runs on this machine, the
clients too: they take their share of the same cores.

1. Loop: threads in one process, as many as the server has, that decode and run the same photos
   with the same code and nothing between: photos a second, beside the server at 8 clients.
2. Latency: a photo alone, one after the other; then photos at random times at 70 % of what the
   server managed: the 99th percentile beside the median alone.
3. Peer: `serving_peer.py`, 8 clients, the same model file.

Rounds take turns; ratios are of medians. `--large` asks with the photos enlarged to 12 megapixels,
as phones take them. Aims: 0.8x of the loop, 5x the median, the peer's throughput at least and half
its 99th percentile. Writes build/benchmarks/serving.json.
"""

from __future__ import annotations

import argparse
import io
import multiprocessing
import statistics
import threading
import time
from pathlib import Path
from typing import Any

from PIL import Image

from handful.bundle import open_bundle
from handful.loading import usable_cores
from handful.verbs.predicting import predictor_of
from http_load import as_base64, as_form, closed_loop, handful_server, open_loop, peer_server
from measure import PHOTOS, ratio, shown, table, write

CLIENTS, N_PHOTOS, LOAD = 8, 48, 0.7
PHONE_PX = (4000, 3000)


def main() -> None:
    options = _options()
    photos = _photos(options.photos, large=options.large)
    forms = [as_form(name, data) for name, data in photos]
    encoded = [as_base64(data) for _, data in photos]
    rounds = []
    with handful_server(options.model) as (_, ours), peer_server(options.model) as peer:
        closed_loop(ours, forms, clients=CLIENTS, seconds=2)
        closed_loop(peer, encoded, clients=CLIENTS, seconds=2)
        for number in range(options.rounds):
            rounds.append(_round(options, photos, forms, encoded, ours, peer, number))
            print({name: round(value, 3) for name, value in rounds[-1].items()}, flush=True)
    ratios = [
        _ratio(rounds, "photos a second: server / loop", "server_per_s", "loop_per_s"),
        _ratio(rounds, "p99 at 70 % load / median alone", "p99_at_load_s", "alone_s"),
        _ratio(rounds, "photos a second: server / peer", "server_per_s", "peer_per_s"),
        _ratio(rounds, "p99 at 8 clients: server / peer", "server_p99_s", "peer_p99_s"),
    ]
    table([{name: statistics.median(one[name] for one in rounds) for name in rounds[0]}])
    table([{"": one["name"], "ratio of medians": shown(one)} for one in ratios])
    write("serving", {"question": __doc__.splitlines()[0], "rounds": rounds, "ratios": ratios})


def _ratio(rounds: list[dict[str, float]], name: str, of: str, to: str) -> dict[str, Any]:
    return {"name": name, **ratio([one[of] for one in rounds], [one[to] for one in rounds])}


def _round(options, photos, forms, encoded, ours, peer, number) -> dict[str, float]:
    loop = _loop(options.model, [data for _, data in photos], options.seconds)
    server = closed_loop(ours, forms, clients=CLIENTS, seconds=options.seconds)
    other = closed_loop(peer, encoded, clients=CLIENTS, seconds=options.seconds)
    alone = closed_loop(ours, forms, clients=1, seconds=options.seconds / 2)
    loaded = open_loop(
        ours, forms, per_s=LOAD * server.per_s, seconds=2 * options.seconds, seed=number
    )
    for load in (server, other, alone, loaded):
        assert not load.failed
    return {
        "loop_per_s": loop,
        "server_per_s": server.per_s,
        "peer_per_s": other.per_s,
        "alone_s": alone.median_s,
        "p99_at_load_s": loaded.percentile_s(99),
        "server_p99_s": server.percentile_s(99),
        "peer_p99_s": other.percentile_s(99),
    }


def _loop(model: Path, photos: list[bytes], seconds: float) -> float:
    """Photos a second of a bare loop, in a process of its own."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_run_loop, args=(theirs, model, photos, seconds))
    process.start()
    theirs.close()  # so that a process that fails ends the waiting
    per_s = ours.recv()
    process.join()
    return per_s


def _run_loop(pipe, model: Path, photos: list[bytes], seconds: float) -> None:
    predictor = predictor_of(open_bundle(model))
    predictor.answers(["-"], [predictor.input_of(photos[0])])
    counts = []
    start_s = time.perf_counter()

    def work(offset: int) -> None:
        number = 0
        while time.perf_counter() < start_s + seconds:
            data = photos[(offset + number) % len(photos)]
            predictor.answers(["-"], [predictor.input_of(data)])
            number += 1
        counts.append(number)

    threads = [threading.Thread(target=work, args=(7 * at,)) for at in range(usable_cores())]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    pipe.send(sum(counts) / (time.perf_counter() - start_s))


def _photos(folder: Path, *, large: bool) -> list[tuple[str, bytes]]:
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() == ".jpg")
    found = []
    for path in paths[:: max(1, len(paths) // N_PHOTOS)][:N_PHOTOS]:
        data = path.read_bytes()
        if large:
            out = io.BytesIO()
            Image.open(path).convert("RGB").resize(PHONE_PX).save(out, "JPEG", quality=90)
            data = out.getvalue()
        found.append((path.name, data))
    return found


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument("model", type=Path)
    parser.add_argument("--photos", type=Path, default=PHOTOS)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=10.0)
    parser.add_argument("--large", action="store_true")
    return parser.parse_args()


if __name__ == "__main__":
    main()
