"""What the service costs beyond its own work, what it does under load, and how it stops."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

import httpx
import numpy as np
import psutil

from benchmarks.material import Material
from benchmarks.measuring import measure, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds
from benchmarks.servers import free_port, wait_for
from benchmarks.serving_load import N_CONNECTIONS, Asked, Heard, Rate, load, rate

N_TURNS, TURN_SECONDS = 3, 8
MIXED_SECONDS = int(os.environ.get("TRACKORACLE_SERVING_SECONDS", "180"))
"""Of mixed load; fewer for a look."""
N_SINGLE, N_BATCH, N_BATCHES = 64, 1_000, 15
LEAST, LEAST_BATCH = 0.5, 0.5
"""Shares of the constant's rate, and of Python's: what issue 7 asks for."""
MOST_GROWTH = 1.05
"""Times the memory of the first third of the load that the last third may hold."""
SEED = 0
_MALFORMED = (
    (b'{"tempo": NaN}', 422),
    (b'{"tempo": 120', 422),
    (b'{"tempo": 120, "tempo": 90}', 422),
    (b'{"tempo": 5000}', 422),
    (b'{"mystery": 1}', 422),
    (b"[" * 20_000, 422),
    (b'{"tracks": []}', 422),
    (b'{"tracks": [' + b"{}," * 10_000 + b"{}]}", 413),
)


def run(material: Material) -> Result:
    """Ask a server of the starter oracle on this machine's cores, client and all."""
    file = str(Path(material.folder, "serving.json"))
    measure("benchmarks.serving:write_tracks", path=material.path, file=file)
    tracks = json.loads(Path(file).read_text())
    singles = [json.dumps(track).encode() for track in tracks[:N_SINGLE]]
    with server(Path(material.folder, "serving.log")) as (process, port):
        rates = _rates(port, singles)
        http_s = _batches(port, tracks[:N_BATCH])
        python_s = measure("benchmarks.serving:predict_json", file=file).answer["seconds"]
        heard, memory = _mixed(process, port, tracks)
        stopped = _stopped(process, port, tracks)
    return _result(material, rates, (http_s, python_s), (heard, memory), stopped)


def write_tracks(path: str, file: str) -> dict[str, Any]:
    """Write tracks with what the starter oracle takes, as they are sent."""
    import trackoracle

    oracle = trackoracle.load_oracle()
    tracks = trackoracle.load_catalog(path).tracks.sample(N_BATCH, seed=SEED)
    rows = tracks.select("track_id", *oracle.contract.names).to_dicts()
    Path(file).write_text(json.dumps(rows))
    return {}


def predict_json(file: str) -> dict[str, Any]:
    """Predict a batch in Python: JSON in, JSON out."""
    import trackoracle

    oracle = trackoracle.load_oracle()
    raw = Path(file).read_text()
    taken = []
    for _ in range(N_BATCHES):
        with stopwatch() as watch:
            json.dumps(oracle.predict(json.loads(raw)).to_dicts())
        taken.append(watch.seconds)
    return {"seconds": median(taken[2:])}


@contextmanager
def server(log: Path) -> Iterator[tuple[psutil.Popen, int]]:
    """Run a service of the starter oracle; yield its process and port."""
    port = free_port()
    with log.open("w") as out:
        command = [sys.executable, "-m", "benchmarks.serving_target", str(port)]
        process = psutil.Popen(command, stderr=out)
        try:
            wait_for(f"http://127.0.0.1:{port}/ready", 60)
            yield process, port
        finally:
            if process.is_running():
                process.kill()
            process.wait()


def _rates(port: int, bodies: list[bytes]) -> dict[str, list[Rate]]:
    """Rates of `/predict` and of the constant, by turns; the first turn does not count."""
    rates: dict[str, list[Rate]] = {"/predict": [], "/constant": []}
    for turn in range(N_TURNS + 1):
        for path, found in rates.items():
            one = rate(port, path, bodies, TURN_SECONDS if turn else 2)
            if turn:
                found.append(one)
    return rates


def _batches(port: int, tracks: list[dict[str, Any]]) -> float:
    body = json.dumps({"tracks": tracks}).encode()
    headers = {"content-type": "application/json"}
    taken = []
    with httpx.Client(base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(N_BATCHES):
            with stopwatch() as watch:
                client.post("/predict", content=body, headers=headers).raise_for_status()
            taken.append(watch.seconds)
    return median(taken[2:])


def requests_of(tracks: list[dict[str, Any]]) -> list[Asked]:
    """Return requests of every kind with their answers, from Python: one in ten malformed."""
    import trackoracle

    oracle = trackoracle.load_oracle()
    predicted = oracle.predict(tracks).to_dicts()
    asked = [
        Asked("/predict", json.dumps(track).encode(), 200, row.__eq__)
        for track, row in zip(tracks[:300], predicted, strict=False)
    ]
    for start in range(0, 600, 60):
        own, rows = tracks[start : start + 60], predicted[start : start + 60]
        body = json.dumps({"tracks": own}).encode()
        asked.append(
            Asked("/predict", body, 200, lambda found, rows=rows: found["predictions"] == rows)
        )
    for track in tracks[:10]:
        told = oracle.explain(track)
        body = json.dumps(track).encode()
        asked.append(
            Asked("/explain", body, 200, lambda f, told=told: f["prediction"] == told.prediction)
        )
    for start in range(0, 50, 10):
        own = tracks[start : start + 10]
        order = [track.row for track in oracle.rank(own).tracks]
        body = json.dumps({"tracks": own}).encode()
        asked.append(
            Asked(
                "/rank",
                body,
                200,
                lambda f, order=order: [track["row"] for track in f["tracks"]] == order,
            )
        )
    bad = [
        Asked("/predict", body, status, lambda found: "detail" in found)
        for body, status in _MALFORMED
    ]
    n_bad = len(asked) // 9
    return asked + [bad[i % len(bad)] for i in range(n_bad)]


def dealt(asked: list[Asked], number: int) -> Iterator[Asked]:
    """Yield requests without end, for a connection, in an order of its own."""
    rng = np.random.default_rng([SEED, number])
    while True:
        for i in rng.permutation(len(asked)):
            yield asked[i]


def _mixed(
    process: psutil.Popen, port: int, tracks: list[dict[str, Any]]
) -> tuple[Heard, list[float]]:
    """Ask for everything at once; look at the server's memory every second."""
    asked, memory, over = requests_of(tracks), list[float](), threading.Event()

    def look() -> None:
        while not over.wait(1):
            memory.append(process.memory_info().rss / 1e6)

    looking = threading.Thread(target=look)
    looking.start()
    try:
        heard = asyncio.run(load(port, lambda i: dealt(asked, i), MIXED_SECONDS))
    finally:
        over.set()
        looking.join()
    return heard, memory


def _stopped(process: psutil.Popen, port: int, tracks: list[dict[str, Any]]) -> Heard:
    """Tell the server to stop while it is asked, and ask on until it accepts no more."""
    asked = requests_of(tracks)

    def stop() -> None:
        process.send_signal(signal.SIGTERM)

    heard = asyncio.run(load(port, lambda i: dealt(asked, i), 5, stop))
    assert process.wait(60) == 0
    return heard


def _result(
    material: Material,
    rates: dict[str, list[Rate]],
    batches: tuple[float, float],
    mixed: tuple[Heard, list[float]],
    stopped: Heard,
) -> Result:
    own, constant = (median(one.per_second for one in rates[p]) for p in ("/predict", "/constant"))
    p99 = {path: median(one.p99_ms for one in found) for path, found in rates.items()}
    client, n_bad = rates["/predict"][0].client, sum(one.n_bad for r in rates.values() for one in r)
    http_s, python_s = batches
    heard, memory = mixed
    third = max(len(memory) // 3, 1)
    first_mb, last_mb = median(memory[third : 2 * third]), median(memory[-third:])
    lines = (
        Line("one row, /predict", {"a second": f"{own:,.0f}", "p99": f"{p99['/predict']:.0f} ms"}),
        Line(
            "one row, a constant through the same models",
            {"a second": f"{constant:,.0f}", "p99": f"{p99['/constant']:.0f} ms"},
        ),
        Line("one row, ratio", {"a second": ratio(own / constant)}),
        Line(f"{N_BATCH:,} rows, /predict", {"time": seconds(http_s)}),
        Line(f"{N_BATCH:,} rows, Python predict and JSON", {"time": seconds(python_s)}),
        Line(f"{N_BATCH:,} rows, ratio of rates", {"time": ratio(python_s / http_s)}),
        Line(
            f"{MIXED_SECONDS} s of everything, one in ten malformed",
            {
                "a second": f"{len(heard.ms) / MIXED_SECONDS:,.0f}",
                "p99": f"{np.quantile(heard.ms, 0.99):.0f} ms",
                "found": f"{heard.n_wrong} of {len(heard.ms):,} wrong",
            },
        ),
        Line(
            "memory in its second and its last third",
            {"found": f"{megabytes(first_mb)}, {megabytes(last_mb)}"},
        ),
        Line(
            "kill -TERM under that load",
            {
                "found": f"{stopped.n_lost} of {len(stopped.ms) + stopped.n_lost:,} lost, "
                f"{stopped.n_after_stop:,} answered after it",
            },
        ),
    )
    claims = (
        Claim(f"one row at {LEAST:g} of the constant's rate or more", own >= LEAST * constant),
        Claim(
            f"{N_BATCH:,} rows at {LEAST_BATCH:g} of Python's rate or more",
            python_s >= LEAST_BATCH * http_s,
        ),
        Claim("no wrong answer", heard.n_wrong + heard.n_lost + stopped.n_wrong + n_bad == 0),
        Claim(f"memory grows by less than {MOST_GROWTH - 1:.0%}", last_mb < MOST_GROWTH * first_mb),
        Claim("a stop loses nothing", stopped.n_lost == 0 and stopped.n_after_stop > 0),
    )
    figures = {
        "predict_per_s": own,
        "constant_per_s": constant,
        "p99_ms": p99,
        "batch_http_s": http_s,
        "batch_python_s": python_s,
        "n_mixed": len(heard.ms),
        "n_wrong": heard.n_wrong,
        "wrong": heard.wrong + stopped.wrong,
        "n_lost": heard.n_lost + stopped.n_lost,
        "memory_mb": memory,
        "client": client,
    }
    question = f"what does HTTP cost, {N_CONNECTIONS} connections, client ({client}) beside it?"
    return Result("serving", question, material.name, lines, claims, figures)
