"""The pages by name, so that each can lead to the others."""

from __future__ import annotations

from enum import Enum
from typing import Any

import streamlit as st


class Way(Enum):
    """A page: the last part of its address."""

    WELCOME = "welcome"
    PREDICT = "predict"
    CHANGE = "change"
    RANK = "rank"
    CATALOG = "catalog"
    MODELS = "models"
    FEEDBACK = "feedback"

    @property
    def title(self) -> str:
        """What it is called."""
        return self.value.capitalize()

    @property
    def icon(self) -> str:
        """Its sign."""
        return f":material/{_ICONS[self.value]}:"


_ICONS = {
    "welcome": "home",
    "predict": "insights",
    "change": "tune",
    "rank": "format_list_numbered",
    "catalog": "library_music",
    "models": "model_training",
    "feedback": "forum",
}


def keep_ways(pages: dict[Way, Any]) -> None:
    """Note the pages, which Streamlit wants to be told of anew at every turn."""
    st.session_state["pages"] = pages


def go(way: Way) -> None:
    """Turn to a page."""
    st.switch_page(_page(way))


def link(way: Way, label: str) -> None:
    """Show a link to a page."""
    st.page_link(_page(way), label=label, icon=way.icon)


def _page(way: Way) -> Any:
    pages: dict[Way, Any] = st.session_state["pages"]
    return pages[way]
