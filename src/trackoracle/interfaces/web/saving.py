"""Buttons by which a user saves what a page shows."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st


def save(label: str, content: Callable[[], bytes], file: str, key: str) -> None:
    """Show a button that saves a file; its content is made when it is pressed."""
    st.download_button(
        label,
        content,
        file,
        key=f"save-{key}-{file}",
        on_click="ignore",
        icon=":material/download:",
    )
