"""The server process of the app: Streamlit's own application, behind uvicorn."""

from __future__ import annotations

import sys
import traceback
import webbrowser
from pathlib import Path
from typing import Any

from trackoracle.interfaces.entrance import open_address, url_of
from trackoracle.interfaces.page_server import page_server
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
    from streamlit import net_util
    from streamlit.starlette import App
    from streamlit.web.bootstrap import load_config_options

    # Streamlit would ask a server of others for this machine's address.
    net_util._external_ip = "127.0.0.1"
    sweep()
    listening = open_address(host, port)
    load_config_options(_options(listening.getsockname()[1]))
    server = page_server(App(SCRIPT, on_script_error=_note_failure))
    url = url_of(listening)
    sys.stderr.write(f"\nTrackOracle is open at {url}/ Ctrl-C closes it.\n\n")
    sys.stderr.flush()
    if open_browser:
        webbrowser.open(url)
    with listening:
        try:
            server.run(sockets=[listening])
        finally:
            held().board.close()
            held().listeners.close()


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
