"""A real server on loopback for a test, and the installed one."""

from __future__ import annotations

import json
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import httpx
import uvicorn
from fastapi import FastAPI
from tests.interfaces.running import SCRIPT


@contextmanager
def running(app: FastAPI) -> Iterator[httpx.Client]:
    """Serve an application in a thread; give a client of it once it is ready."""
    with socket.create_server(("127.0.0.1", 0)) as listening:
        config = uvicorn.Config(app, access_log=False, log_config=None, lifespan="on")
        server = uvicorn.Server(config)
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        with httpx.Client(base_url=url, timeout=60) as client:
            try:
                wait_until_ready(client)
                yield client
            finally:
                server.should_exit = True
                thread.join()


@contextmanager
def installed(*arguments: object, env: dict[str, str] | None = None) -> Iterator[Any]:
    """Run the installed command on a free port; give the process, and a client once ready."""
    command = [str(SCRIPT), "serve", "--port", "0", *map(str, arguments)]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=env)
    assert process.stderr is not None
    first = process.stderr.readline()
    url = json.loads(first)["url"]
    lines: list[str] = [first]
    reader = threading.Thread(target=lambda: lines.extend(process.stderr or ()))
    reader.start()
    try:
        with httpx.Client(base_url=url, timeout=60) as client:
            wait_until_ready(client)
            yield process, client, lines
    finally:
        if process.poll() is None:
            process.terminate()
        process.wait(60)
        reader.join()
        process.stderr.close()


def wait_until_ready(client: httpx.Client) -> None:
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            if client.get("/ready").status_code == 200:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.05)
    raise AssertionError("the service was not ready within a minute")


def wait_while(holds: Callable[[], object], most: float = 30.0) -> None:
    """Wait while something holds, so many seconds at most: what it should be is asserted then."""
    until = time.monotonic() + most
    while holds() and time.monotonic() < until:
        time.sleep(0.01)


def post(client: httpx.Client, path: str, body: Any, **headers: str) -> httpx.Response:
    """Send a body: bytes and text as they are, all else as JSON."""
    content = body if isinstance(body, bytes | str) else json.dumps(body)
    given = {name.replace("_", "-"): value for name, value in headers.items()}
    return client.post(path, content=content, headers={"content-type": "application/json", **given})


def problem(response: httpx.Response, status: int) -> dict[str, Any]:
    """Return the facts of a refusal, whose form is checked."""
    assert response.status_code == status, response.text
    assert response.headers["content-type"] == "application/problem+json"
    facts: dict[str, Any] = response.json()
    assert set(facts) == {"type", "title", "status", "detail", "facts"}
    assert facts["status"] == status
    assert re.match(r".+: .*expected .+, got .+\.", facts["detail"]), facts["detail"]
    return facts
