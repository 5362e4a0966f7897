"""The server process: where it may listen, and how it ends."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
import time
from types import FrameType
from typing import Any

import uvicorn
from fastapi import FastAPI

from trackoracle.interfaces.entrance import open_address, url_of
from trackoracle.interfaces.rest.guard import State, drained
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.telling import log, log_to_stderr, tell_people

LEAVING_SECONDS = 1.0
"""After the signal to stop: so long the service still answers, and asks its clients to go."""
ARRIVING_SECONDS = 2.0
"""After the last connection was accepted: so long its request may take to arrive."""


def run(app: FastAPI, host: str, port: int, limits: Limits) -> None:
    """Serve an application until a signal."""
    listening = open_address(host, port)
    log_to_stderr()
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(limits.upload_seconds + limits.answer_seconds) + 1,
    )
    url = url_of(listening)
    log("listening", url=url)
    tell_people(f"\nTrackOracle answers at {url}/ (all addresses: {url}/docs). Ctrl-C stops it.\n")
    with listening:
        _Server(config, app.state.service.state).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Answers on for a moment after the signal, so that whoever is connected leaves in peace."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        """Stop when told to, which is no failure; a second Ctrl-C waits for nothing."""
        self.force_exit = self.should_exit and sig == signal.SIGINT
        self.should_exit = True

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let clients go, then end."""
        log("stopping")
        await drained(self._state, 0 if self.force_exit else LEAVING_SECONDS)
        await self._accept_the_last(sockets or [])
        until = time.monotonic() + ARRIVING_SECONDS
        # Each closes after its answer; what is left then are connections that nothing came over.
        while self.server_state.connections and time.monotonic() < until and not self.force_exit:
            await asyncio.sleep(0.02)
        await super().shutdown(sockets)

    async def _accept_the_last(self, sockets: list[socket.socket]) -> None:
        """Close the doors at once behind those who already stand in them.

        Whoever waits to be accepted when a socket is closed would be cut off, though to them they
        are connected.
        """
        loop, accepted = asyncio.get_running_loop(), list[socket.socket]()
        for listening in sockets:
            with contextlib.suppress(BlockingIOError):
                while True:
                    accepted.append(listening.accept()[0])
        for server in self.servers:
            server.close()
        for listening in sockets:
            listening.close()
        for connection in accepted:
            connection.setblocking(False)
            await loop.connect_accepted_socket(self._protocol, connection)

    def _protocol(self) -> asyncio.Protocol:
        """Make what answers one connection, as the server does for those that it accepts."""
        kind: Any = self.config.http_protocol_class
        protocol: asyncio.Protocol = kind(
            config=self.config, server_state=self.server_state, app_state=self.lifespan.state
        )
        return protocol
