"""Load on a server: many connections that ask and ask again, each answer compared."""

from __future__ import annotations

import asyncio
import json
import re
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

N_CONNECTIONS = 32
_UNITS = {"us": 1e-3, "ms": 1.0, "s": 1e3}


@dataclass(frozen=True)
class Asked:
    """One request, and what is to be answered.

    Parameters
    ----------
    fits
        Tells whether a body is the right one.
    """

    path: str
    body: bytes
    status: int
    fits: Callable[[Any], bool]


@dataclass
class Heard:
    """What became of many requests.

    Parameters
    ----------
    ms
        How long each took that was answered.
    wrong
        The first answers that were not the right ones.
    n_lost
        Sent to a connection that was accepted, and never answered.
    """

    ms: list[float] = field(default_factory=list)
    n_wrong: int = 0
    wrong: list[str] = field(default_factory=list)
    n_lost: int = 0
    n_after_stop: int = 0


@dataclass(frozen=True)
class Rate:
    """How much is answered in a second, and how long one waits."""

    per_second: float
    p50_ms: float
    p99_ms: float
    n_bad: int
    client: str


def rate(port: int, path: str, bodies: list[bytes], seconds: int) -> Rate:
    """Ask for single tracks over 32 connections: by wrk where it is, else by this module."""
    if shutil.which("wrk"):
        return _by_wrk(port, path, bodies, seconds)

    def asked(_: int) -> Iterator[Asked]:
        while True:
            for body in bodies:
                yield Asked(path, body, 200, lambda _: True)

    began = time.perf_counter()
    heard = asyncio.run(load(port, asked, seconds))
    taken = time.perf_counter() - began
    p50, p99 = np.quantile(heard.ms, [0.5, 0.99])
    return Rate(len(heard.ms) / taken, p50, p99, heard.n_wrong + heard.n_lost, "asyncio")


def _by_wrk(port: int, path: str, bodies: list[bytes], seconds: int) -> Rate:
    lines = ",\n".join(json.dumps(body.decode()) for body in bodies)
    script = f"""
local bodies = {{{lines}}}
local i = 0
request = function()
  i = i % #bodies + 1
  return wrk.format("POST", nil, {{["Content-Type"] = "application/json"}}, bodies[i])
end
"""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "post.lua")
        file.write_text(script)
        command = ["wrk", "-t1", f"-c{N_CONNECTIONS}", f"-d{seconds}s", "--latency", "-s"]
        url = f"http://127.0.0.1:{port}{path}"
        done = subprocess.run([*command, file, url], capture_output=True, text=True, check=True)
    text = done.stdout
    quantiles = {
        name: float(number) * _UNITS[unit]
        for name, number, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", text)
    }
    per_second = re.search(r"Requests/sec:\s+([\d.]+)", text)
    bad = re.search(r"Non-2xx or 3xx responses: (\d+)", text)
    assert per_second is not None, text
    n_bad = int(bad[1]) if bad else 0
    return Rate(float(per_second[1]), quantiles["50"], quantiles["99"], n_bad, "wrk")


async def load(
    port: int,
    asked: Callable[[int], Iterator[Asked]],
    seconds: float,
    stop: Callable[[], None] | None = None,
) -> Heard:
    """Ask over many connections at a time, each request after the answer to the last.

    Parameters
    ----------
    asked
        The requests of a connection, by its number.
    seconds
        How long; with `stop`, the server is then told to stop, and it is asked on until no
        connection is accepted any more.
    """
    heard, over = Heard(), asyncio.Event()

    async def end() -> None:
        await asyncio.sleep(seconds)
        over.set()
        if stop:
            stop()

    ending = asyncio.create_task(end())
    asking = (_ask(port, asked(i), heard, over, bool(stop)) for i in range(N_CONNECTIONS))
    await asyncio.gather(*asking)
    await ending
    return heard


async def _ask(
    port: int, asked: Iterator[Asked], heard: Heard, over: asyncio.Event, to_the_end: bool
) -> None:
    connection: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None
    for one in asked:
        if over.is_set() and not to_the_end:
            break
        if connection is None:
            try:
                connection = await asyncio.open_connection("127.0.0.1", port)
            except OSError:
                return
        began, late = time.perf_counter(), over.is_set()
        try:
            status, body, closes = await _exchange(*connection, one)
        except (OSError, asyncio.IncompleteReadError):
            heard.n_lost += 1
            connection[1].close()
            connection = None
            continue
        heard.ms.append(1000 * (time.perf_counter() - began))
        heard.n_after_stop += late
        if status != one.status or not one.fits(json.loads(body)):
            heard.n_wrong += 1
            heard.wrong = [*heard.wrong, f"{one.path} {status} {body[:300]!r}"][:5]
        if closes:
            connection[1].close()
            connection = None
    if connection:
        connection[1].close()


async def _exchange(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, asked: Asked
) -> tuple[int, bytes, bool]:
    """Send a request, and read its answer: status, body, and whether the connection ends."""
    writer.write(
        f"POST {asked.path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n"
        f"Content-Length: {len(asked.body)}\r\n\r\n".encode()
        + asked.body
    )
    await writer.drain()
    head = (await reader.readuntil(b"\r\n\r\n")).lower()
    status = int(head[9:12])
    length = re.search(rb"\r\ncontent-length: (\d+)", head)
    if length:
        body = await reader.readexactly(int(length[1]))
    else:
        body = b"".join([part async for part in _chunks(reader)])
    return status, body, b"\r\nconnection: close" in head


async def _chunks(reader: asyncio.StreamReader) -> Any:
    while size := int(await reader.readline(), 16):
        yield await reader.readexactly(size)
        await reader.readline()
    await reader.readline()
