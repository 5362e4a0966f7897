"""The server process of the app: Streamlit's own application, behind uvicorn."""

from __future__ import annotations

import signal
import sys
import traceback
import webbrowser
from pathlib import Path
from types import FrameType
from typing import Any

from trackoracle.interfaces.entrance import open_address, url_of
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.uploads import sweep

SCRIPT = Path(__file__).with_name("script.py")
_TONES = {
    "light": {
        "primaryColor": "#0072b2", "backgroundColor": "#fbfaf7",
        "secondaryBackgroundColor": "#f1efe8", "textColor": "#1d1f24", "linkColor": "#005a8e",
        "borderColor": "#dedcd4", "redTextColor": "#9c3d00", "greenTextColor": "#00614c",
    },
    "dark": {
        "primaryColor": "#56b4e9", "backgroundColor": "#14161a",
        "secondaryBackgroundColor": "#1b1e24", "textColor": "#e9e8e4", "linkColor": "#7cc6f0",
        "borderColor": "#2c3038", "redTextColor": "#ffb37a", "greenTextColor": "#2cc29a",
    },
}  # fmt: skip


def run(host: str, port: int, *, open_browser: bool) -> None:
    """Serve the app until a signal."""
    import uvicorn
    from streamlit import net_util
    from streamlit.starlette import App
    from streamlit.web.bootstrap import load_config_options

    # Streamlit would ask a server of others for this machine's address.
    net_util._external_ip = "127.0.0.1"
    sweep()
    listening = open_address(host, port)
    load_config_options(_options(listening.getsockname()[1]))
    config = uvicorn.Config(
        App(SCRIPT, on_script_error=_note_failure),
        access_log=False,
        log_level="warning",
        server_header=False,
        timeout_graceful_shutdown=3,
    )
    url = url_of(listening)
    sys.stderr.write(f"\nTrackOracle is open at {url}/ Ctrl-C closes it.\n\n")
    sys.stderr.flush()
    if open_browser:
        webbrowser.open(url)
    with listening:
        try:
            _server(config).run(sockets=[listening])
        finally:
            held().board.close()
            held().listeners.close()


def _server(config: Any) -> Any:
    """Return a server that a signal stops as wished, which is no failure."""
    import uvicorn

    class Server(uvicorn.Server):
        def handle_exit(self, sig: int, frame: FrameType | None) -> None:
            self.force_exit = self.should_exit and sig == signal.SIGINT
            self.should_exit = True

    return Server(config)


def _note_failure(error: Exception) -> None:
    """Write what went wrong where the operator reads it; the user is told that something did."""
    sys.stderr.write("".join(traceback.format_exception(error)))
    sys.stderr.flush()


def _options(port: int) -> dict[str, Any]:
    """Return Streamlit's settings: nothing leaves the machine, nothing is watched, own colours."""
    options: dict[str, Any] = {
        "browser_gatherUsageStats": False,
        "client_showErrorDetails": "none",
        "client_toolbarMode": "viewer",
        "runner_magicEnabled": False,
        "server_fileWatcherType": "none",
        "server_headless": True,
        "server_maxUploadSize": held().limits.file_mb,
        "server_port": port,
        "server_showEmailPrompt": False,
        "theme_baseRadius": "medium",
        "theme_font": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', sans-serif",
        "theme_headingFont": "system-ui, -apple-system, 'Segoe UI', Roboto, 'DejaVu Sans', "
        "sans-serif",
        "theme_headingFontWeights": [700, 650, 650],
        "theme_headingFontSizes": ["2rem", "1.35rem", "1.1rem"],
        "theme_showWidgetBorder": True,
    }
    for tone, colours in _TONES.items():
        options |= {f"theme_{tone}_{name}": value for name, value in colours.items()}
    return options
