"""What a user says of a prediction: too high, too low, or what it really became."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import streamlit as st


def show_flag(row: Mapping[str, Any], answer: Mapping[str, Any]) -> None:
    """Show the button by which a prediction is flagged."""
    with st.popover("Flag", icon=":material/flag:", help="Say what is wrong with this answer"):
        st.write("")
