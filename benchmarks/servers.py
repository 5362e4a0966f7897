"""A port for a server that is measured, and when it answers."""

from __future__ import annotations

import socket
import time

import httpx


def free_port() -> int:
    """Return a port of this machine on which nothing listens."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        return int(free.getsockname()[1])


def wait_for(url: str, seconds: float) -> None:
    """Ask a server until it answers.

    Raises
    ------
    TimeoutError
        When it did not within the seconds.
    """
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if httpx.get(url).is_success:
                return
        except httpx.TransportError:
            pass
        time.sleep(0.1)
    raise TimeoutError(f"{url} did not answer within {seconds:g} s")
