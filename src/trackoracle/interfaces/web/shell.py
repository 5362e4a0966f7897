"""What is on every page: the name, the way to the others, and which oracle answers."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from importlib import import_module
from importlib.resources import files

import streamlit as st

from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import tone
from trackoracle.interfaces.web.ways import Way, keep_ways

_TONES = {
    "light": {"ink": "#1d1f24", "on-main": "#ffffff"},
    "dark": {"ink": "#e9e8e4", "on-main": "#0d1a26"},
}
"""Colours that the theme of Streamlit has no place for: letters, and those on buttons."""


def show() -> None:
    """Show the page that was asked for."""
    st.set_page_config(page_title="TrackOracle", page_icon=_asset("icon.svg"), layout="wide")
    st.logo(_asset("logo.svg"), size="medium")
    st.html(f"<style>{_colours()} {_asset('app.css')}</style>")
    pages = {
        way: st.Page(_view(way), title=way.title, icon=way.icon, url_path=way.value, default=not i)
        for i, way in enumerate(Way)
    }
    keep_ways(pages)
    page = st.navigation(list(pages.values()), position="top")
    _choose_oracle()
    page.run()


@cache
def _view(way: Way) -> Callable[[], None]:
    """Return what shows a page; its module is imported then, since some bring a second's work."""

    def show_view() -> None:
        import_module(f"trackoracle.interfaces.web.views.{way.value}").show()

    return show_view


def _colours() -> str:
    """Return the colours as CSS.

    They follow a theme that changes while the page is open, for which no script runs; what floats
    over the page, outside of the app's element, has those of the theme that the script met.
    """
    light, dark = _TONES["light"], _TONES["dark"]
    now = " ".join(f"--{name}:{value};" for name, value in _TONES[tone()].items())
    either = " ".join(f"--{name}:light-dark({light[name]}, {dark[name]});" for name in light)
    return f":root {{ {now} }} .stApp {{ {either} }}"


def _choose_oracle() -> None:
    names, own = list(held().oracles), session()
    if len(names) > 1:
        own.oracle_name = st.sidebar.selectbox(
            "Oracle that answers", names, index=names.index(own.oracle_name), key="oracle"
        )


@cache
def _asset(name: str) -> str:
    return (files("trackoracle.interfaces.web") / name).read_text(encoding="utf-8")
