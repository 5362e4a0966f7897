"""The service: an oracle behind HTTP, with the facade's own answers and errors.

Nothing of it is loaded before it is asked for, since it needs the extra `api`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from trackoracle.interfaces.entrance import check_address, check_names, check_token
from trackoracle.interfaces.rest.limits import Limits
from trackoracle.optional import require

if TYPE_CHECKING:
    from fastapi import FastAPI

    from trackoracle.neighbours import Neighbours
    from trackoracle.oracle import Oracle

__all__ = ["Limits", "check_address", "check_names", "check_token", "create_app", "serve"]
_NEEDED = ("fastapi", "prometheus_client", "uvicorn")


def create_app(
    oracles: Mapping[str, Oracle],
    *,
    limits: Limits | None = None,
    token: str | None = None,
    origins: Sequence[str] = (),
    catalog: Neighbours | None = None,
) -> FastAPI:
    """Build the application that answers for oracles, to be run by any ASGI server.

    Parameters
    ----------
    oracles
        Each under its name; the first also answers where none is named.
    limits
        What the service takes; see `Limits`.
    token
        What requests must bear; None asks for none.
    origins
        Web pages that may ask from a browser, as "https://example.org"; by default none but
        the service's own.
    catalog
        The index of a catalog, from `open_index`, among whose tracks `/similar` looks; without
        one there is no such address.

    Returns
    -------
    FastAPI

    Raises
    ------
    MissingExtraError
        Without the extra `api`.
    ConfigError
        Without oracles, or with a name or token that cannot be.

    Examples
    --------
    >>> import trackoracle as to
    >>> app = create_app({"starter": to.load_oracle()})
    >>> "/predict" in app.openapi()["paths"]
    True
    """
    for module in _NEEDED:
        require(module, extra="api")
    from trackoracle.interfaces.rest.app import build

    check_token(token)
    return build(oracles, limits or Limits(), token, origins, catalog)


def serve(
    oracles: Mapping[str, Oracle],
    *,
    host: str = "127.0.0.1",
    port: int = 8000,
    limits: Limits | None = None,
    token: str | None = None,
    origins: Sequence[str] = (),
    catalog: Neighbours | None = None,
    allow_public: bool = False,
) -> None:
    """Answer requests until the process is told to stop; then finish what was begun.

    Parameters
    ----------
    oracles, limits, token, origins, catalog
        As of `create_app`.
    host, port
        Where to listen; port 0 takes a free one, which the log tells.
    allow_public
        Listen where others can reach it although there is no token.

    Raises
    ------
    ConfigError
        On an address that others reach, without a token; on one that is taken.
    """
    for module in _NEEDED:
        require(module, extra="api")
    from trackoracle.interfaces.rest.running import run

    check_address(host, port, token, allow_public=allow_public)
    app = create_app(oracles, limits=limits, token=token, origins=origins, catalog=catalog)
    run(app, host, port, limits or Limits())
