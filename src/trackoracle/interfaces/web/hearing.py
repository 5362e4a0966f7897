"""Recordings that a user drops: heard in processes of their own, then deleted."""

from __future__ import annotations

import streamlit as st


def show_hearing() -> None:
    """Take recordings, and put what is heard in hand."""
    st.file_uploader("Drop a recording", accept_multiple_files=True)
