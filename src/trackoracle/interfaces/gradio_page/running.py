"""The server process of the page: Gradio's own application, behind uvicorn."""

from __future__ import annotations

import secrets
import sys
from typing import Any

from trackoracle.errors import ServiceUnreachableError, SourceError
from trackoracle.interfaces.entrance import open_address, url_of
from trackoracle.interfaces.gradio_page.asking import Held
from trackoracle.interfaces.page_server import page_server

_FONTS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "DejaVu Sans", "sans-serif"]
_MONO = ["ui-monospace", "DejaVu Sans Mono", "Menlo", "Consolas", "monospace"]
_POLICY = (
    "default-src 'self'; script-src 'self' 'unsafe-inline' 'unsafe-eval'; "
    "style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; font-src 'self' data:; "
    "connect-src 'self'; worker-src 'self' blob:; base-uri 'self'; form-action 'self'; "
    "object-src 'none'"
)
"""Nothing is loaded from elsewhere, whatever Gradio's pages ask for."""
_QUESTION_BYTES = 1_000_000
"""Of all that is not an upload."""
_CSS = (
    ".to-honest{font-size:13px;opacity:.85}"
    # On a phone the answer stands first.
    "@media(max-width:700px){.to-sides{flex-direction:column-reverse}}"
)
_HEADERS = (
    (b"content-security-policy", _POLICY.encode()),
    (b"referrer-policy", b"no-referrer"),
    (b"x-content-type-options", b"nosniff"),
)


def run(held: Held, host: str, port: int, *, share: bool) -> None:
    """Serve the page until a signal."""
    listening = open_address(host, port)
    with listening:
        server = page_server(create_app(held))
        told = f"\nTrackOracle is open at {url_of(listening)}/ Ctrl-C closes it.\n\n"
        if share:
            told += f"For others, through gradio.live: {_public(listening.getsockname()[1])}\n\n"
        sys.stderr.write(told)
        sys.stderr.flush()
        try:
            server.run(sockets=[listening])
        finally:
            held.listeners.close()


def create_app(held: Held) -> Any:
    """Return the page as an application that any server of ASGI runs."""
    import gradio as gr
    from fastapi import FastAPI
    from gradio import processing_utils

    from trackoracle.interfaces.gradio_page.page import build

    blocks = build(held)
    # Gradio lets an application that it did not launch itself read any file that a request names.
    blocks.has_launched = True
    # And it would fetch what a request names by an address.
    processing_utils.async_ssrf_protected_download = _refuse
    app = FastAPI(docs_url=None, redoc_url=None, openapi_url=None)
    app.add_middleware(_Gate)
    return gr.mount_gradio_app(
        app,
        blocks,
        path="/",
        theme=gr.themes.Default(primary_hue="blue", font=_FONTS, font_mono=_MONO),
        css=_CSS,
        max_file_size=f"{held.limits.file_mb}mb",
        ssr_mode=False,
        enable_monitoring=False,
        footer_links=["api"],
        run_history=False,
    )


async def _refuse(url: str, cache_dir: str = "") -> str:
    raise SourceError(f"recording: expected an upload, got an address ({url[:100]}). Upload it.")


class _Gate:
    """Refuses what is too long for a question, and puts the headers of a page on every answer."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def told(message: Any) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message.get("headers", ()), *_HEADERS]
            await send(message)

        if scope["type"] != "http":
            await self._app(scope, receive, send)
        elif status := _refusal(scope):
            await told({"type": "http.response.start", "status": status, "headers": []})
            await told({"type": "http.response.body", "body": b""})
        else:
            await self._app(scope, receive, told)


def _refusal(scope: Any) -> int:
    """Return the status by which a request is refused, or 0; Gradio bounds uploads itself."""
    if scope["method"] not in ("POST", "PUT", "PATCH") or scope["path"].endswith("/upload"):
        return 0
    length = dict(scope["headers"]).get(b"content-length", b"")
    if not length.isdigit():
        return 411
    return 413 if int(length) > _QUESTION_BYTES else 0


def _public(port: int) -> str:
    """Return a public address at gradio.live that leads here.

    Raises
    ------
    ServiceUnreachableError
        When there is none to be had.
    """
    from gradio.networking import setup_tunnel

    try:
        return str(setup_tunnel("127.0.0.1", port, secrets.token_urlsafe(32), None, None))
    except Exception as error:
        raise ServiceUnreachableError(
            f"gradio.live: expected a public address, got none ({error}). Check the connection, "
            "or leave out --share."
        ) from error
