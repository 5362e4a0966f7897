"""What must hold before anything is served: names, the address, the token."""

from __future__ import annotations

import ipaddress
import re
import socket
from collections.abc import Iterable

from trackoracle.errors import ConfigError

_TOKEN = re.compile(r"[!-~]+")
_BACKLOG = 2048
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


def check_names(names: Iterable[str]) -> None:
    """Raise on a name under which no oracle can be served: it stands in addresses.

    Examples
    --------
    >>> check_names(["hits-2026"])
    """
    for name in names:
        if not _NAME.fullmatch(name):
            raise ConfigError(
                f"name: expected letters, digits, - and _, at most 64, got {name!r}. Name the "
                "oracle with --name NAME=FILE."
            )


def check_address(host: str, port: int, token: str | None, *, allow_public: bool) -> None:
    """Raise on an address that others reach and that no token guards, or on none at all."""
    if not 0 <= port < 2**16:
        raise ConfigError(f"port: expected 0 to 65,535, got {port}. Try another.")
    if token is None and not allow_public and not _is_own(host):
        raise ConfigError(
            f"host: expected an address of this machine alone, as 127.0.0.1, or a token, got "
            f"{host!r} without one. Set TRACKORACLE_TOKEN, or say --allow-public."
        )


def check_token(token: str | None) -> None:
    """Raise on a token that no header can hold."""
    if token is not None and not _TOKEN.fullmatch(token):
        raise ConfigError(
            "token: expected printable ASCII without blanks, got none or another. Try "
            "`python -c 'import secrets; print(secrets.token_urlsafe())'`."
        )


def open_address(host: str, port: int) -> socket.socket:
    """Open an address to listen at.

    Raises
    ------
    ConfigError
        When it is taken, or none.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
        listening = socket.socket(family, kind, protocol)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind(address)
            listening.listen(_BACKLOG)
        except OSError:
            listening.close()
            raise
    except (OSError, UnicodeError) as error:
        reason = getattr(error, "strerror", None) or error
        raise ConfigError(
            f"{host}:{port}: expected an address that is free, got an error ({reason}). Choose "
            "another with --host and --port."
        ) from error
    listening.setblocking(False)
    return listening


def url_of(listening: socket.socket) -> str:
    """Return under which address an open socket is reached."""
    address, number = listening.getsockname()[:2]
    return f"http://{f'[{address}]' if ':' in address else address}:{number}"


def _is_own(host: str) -> bool:
    """Tell whether only this machine reaches an address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
