"""What a user dropped on a page: into files, and out of the server's memory."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress
from typing import Any

from streamlit.runtime.scriptrunner import get_script_run_ctx

from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.uploads import Uploads, receive

_MB = 1_048_576
"""Bytes of a megabyte, as Streamlit counts."""


def take_files(dropped: Sequence[Any], most_files: int | None = None) -> Uploads:
    """Write dropped files to a folder, and let go of them in memory.

    Streamlit would keep their bytes until the user's tab is closed. The uploader that they were
    dropped on must get another key, since its files are gone.

    Raises
    ------
    UploadError
        When they are too many or too large.
    """
    limits = held().limits
    try:
        return receive(
            [(file.name, file) for file in dropped],
            most_files=most_files or limits.files,
            file_bytes=limits.file_mb * _MB,
            all_bytes=limits.all_mb * _MB,
        )
    finally:
        for file in dropped:
            _forget(file)


def _forget(file: Any) -> None:
    context = get_script_run_ctx()
    manager: Any = context.uploaded_file_mgr if context else None
    if context and hasattr(manager, "remove_file"):  # of the one that keeps files in memory
        with suppress(KeyError):
            manager.remove_file(session_id=context.session_id, file_id=file.file_id)
