"""The server that the app and the demo page stand behind."""

from __future__ import annotations

import signal
from types import FrameType
from typing import Any


def page_server(app: Any) -> Any:
    """Return uvicorn's server of an ASGI application, which a signal stops as wished.

    That is no failure; a second Ctrl-C waits for nobody.
    """
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    config = uvicorn.Config(
        app,
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    return Server(config)
