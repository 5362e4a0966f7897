"""The web app: an oracle in a browser, for people who do not program.

Nothing of it is loaded before it is asked for, since it needs the extra `app`.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from trackoracle.interfaces.entrance import check_address, check_names
from trackoracle.interfaces.limits import AppLimits
from trackoracle.optional import require

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

__all__ = ["AppLimits", "check_address", "check_names", "run_app", "run_app_on"]


def run_app_on(paths: Mapping[str, Path | None], **how: Any) -> None:
    """Serve the app on oracles in files; see `run_app`.

    Parameters
    ----------
    paths
        Each under its name; None is the oracle that ships with the package, which is loaded when
        a page first asks for it.

    Raises
    ------
    BundleError
        On a file that is no oracle, before anything is served.
    """
    from trackoracle.interfaces.web.heaps import share_heaps

    share_heaps()
    from trackoracle.interfaces.web.shelf import Shelf

    oracles = Shelf({name: partial(_load, path) for name, path in paths.items()})
    for name, path in paths.items():
        if path is not None:
            oracles[name]
    run_app(oracles, **how)


def _load(path: Path | None) -> Oracle:
    from trackoracle.oracle import load_oracle

    return load_oracle(path)


def run_app(
    oracles: Mapping[str, Oracle],
    *,
    catalog: str | None = None,
    host: str = "127.0.0.1",
    port: int = 8501,
    limits: AppLimits | None = None,
    feedback: str | None = None,
    allow_public: bool = False,
    open_browser: bool = False,
) -> None:
    """Serve the app until SIGTERM or Ctrl-C.

    Parameters
    ----------
    oracles
        Each under its name; the first answers until a user chooses another.
    catalog
        What `load_catalog` takes: similar tracks are looked for in it, and every user may open
        it. By default the synthetic sample.
    host, port
        Where to listen; port 0 takes a free one.
    limits
        What users may send; see `AppLimits`.
    feedback
        File or database URL where what users say of predictions is kept; by default as
        `Settings` tells.
    allow_public
        Must be said to listen where others reach it.
    open_browser
        Whether to open the page in a browser of this machine.

    Raises
    ------
    MissingExtraError
        Without the extra `app`.
    ConfigError
        On names or an address that cannot be.
    """
    for module in ("streamlit", "sqlalchemy", "vl_convert"):
        require(module, extra="app")
    check_names(oracles)
    check_address(host, port, None, allow_public=allow_public)
    from trackoracle.interfaces.web.holdings import Holdings, hold
    from trackoracle.interfaces.web.running import run

    hold(Holdings(oracles, catalog or "sample", limits or AppLimits(), feedback))
    run(host, port, open_browser=open_browser)
