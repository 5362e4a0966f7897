"""A thin page by Gradio to share: predict, explain, and say what is wrong.

Nothing of it is loaded before it is asked for, since it needs the extra `gradio`.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import TYPE_CHECKING

from trackoracle.interfaces.entrance import check_address, check_names
from trackoracle.interfaces.limits import AppLimits
from trackoracle.optional import require

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

__all__ = ["AppLimits", "check_address", "check_names", "run_page"]


def run_page(
    oracles: Mapping[str, Oracle],
    *,
    host: str = "127.0.0.1",
    port: int = 7860,
    share: bool = False,
    limits: AppLimits | None = None,
    feedback: str | None = None,
    allow_public: bool = False,
) -> None:
    """Serve the page until SIGTERM or Ctrl-C.

    Parameters
    ----------
    oracles
        Each under its name; the first answers until a user chooses another.
    host, port
        Where to listen; port 0 takes a free one.
    share
        Whether to open a public address at gradio.live, through which all traffic then goes.
    limits
        What users may send; see `AppLimits`.
    feedback
        File or database URL where what users say of predictions is kept; by default as
        `Settings` tells.
    allow_public
        Must be said to listen where others reach it.

    Raises
    ------
    MissingExtraError
        Without the extra `gradio`.
    ConfigError
        On names or an address that cannot be.
    ServiceUnreachableError
        When no public address is to be had.
    """
    # Gradio reads it when it is imported, and would tell its makers of every start.
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
    for module in ("gradio", "sqlalchemy", "vl_convert"):
        require(module, extra="gradio")
    check_names(oracles)
    check_address(host, port, None, allow_public=allow_public)
    from trackoracle.interfaces.gradio_page.asking import Held
    from trackoracle.interfaces.gradio_page.running import run

    run(Held(dict(oracles), limits or AppLimits(), feedback), host, port, share=share)
