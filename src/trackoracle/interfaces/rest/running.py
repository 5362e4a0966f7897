"""The server process: where it may listen, and how it ends."""

from __future__ import annotations

import ipaddress
import re
import socket

import uvicorn
from fastapi import FastAPI

from trackoracle.errors import ConfigError
from trackoracle.interfaces.rest.guard import State, drained
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.interfaces.rest.telling import log, log_to_stderr

LEAVING_SECONDS = 1.0
"""After the signal to stop: so long the service still answers, and asks its clients to go."""
_TOKEN = re.compile(r"[!-~]+")
_BACKLOG = 2048


def check_address(host: str, port: int, token: str | None, *, allow_public: bool) -> None:
    """Raise on an address that others reach and that no token guards, or on none at all."""
    if not 0 <= port < 2**16:
        raise ConfigError(f"port: expected 0 to 65,535, got {port}. Try 8000.")
    if token is None and not allow_public and not _is_own(host):
        raise ConfigError(
            f"host: expected an address of this machine alone, as 127.0.0.1, or a token, got "
            f"{host!r} without one. Set TRACKORACLE_TOKEN, or say --allow-public."
        )


def checked_token(token: str | None) -> str | None:
    """Return a token that a header can hold, or raise."""
    if token is not None and not _TOKEN.fullmatch(token):
        raise ConfigError(
            "token: expected printable ASCII without blanks, got none or another. Try "
            "`python -c 'import secrets; print(secrets.token_urlsafe())'`."
        )
    return token


def run(app: FastAPI, host: str, port: int, limits: Limits) -> None:
    """Serve an application until a signal."""
    log_to_stderr()
    listening = _listen(host, port)
    config = uvicorn.Config(
        app,
        access_log=False,
        log_config=None,
        server_header=False,
        proxy_headers=False,
        timeout_keep_alive=30,
        timeout_graceful_shutdown=int(limits.upload_seconds + limits.answer_seconds) + 1,
    )
    address, number = listening.getsockname()[:2]
    log("listening", url=f"http://{f'[{address}]' if ':' in address else address}:{number}")
    with listening:
        _Server(config, app.state.service.state).run(sockets=[listening])


class _Server(uvicorn.Server):
    """Answers on for a moment after the signal, so that whoever is connected leaves in peace."""

    def __init__(self, config: uvicorn.Config, state: State) -> None:
        super().__init__(config)
        self._state = state

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Let clients go, then end."""
        log("stopping")
        await drained(self._state, 0 if self.force_exit else LEAVING_SECONDS)
        await super().shutdown(sockets)


def _listen(host: str, port: int) -> socket.socket:
    """Open the address."""
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        listening.bind(address)
        listening.listen(_BACKLOG)
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{host}:{port}: expected an address that is free, got an error ({reason}). Choose "
            "another with --host and --port."
        ) from error
    listening.setblocking(False)
    return listening


def _is_own(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
