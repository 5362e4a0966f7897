"""How texts, errors, figures and tables are put on a page."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import polars as pl
import streamlit as st

from trackoracle.errors import TrackOracleError
from trackoracle.rendering import Figure, figure_csv, figure_svg, theme
from trackoracle.schema import CREDIT_SEPARATOR, without_formulas, write_table

_SIGNS = re.compile(r"([!-/:-@\[-`{-~])")
_ADDRESS = re.compile(r"https?|www|@", re.IGNORECASE)
"""After which a space of no width keeps an address from becoming a link."""
_PADDING = {"left": 2, "right": 14, "top": 4, "bottom": 4}
"""Pixels around a chart: letters at its right edge have room, and its note is near."""


_OF_PAGES = [
    (re.compile(pattern), words)
    for pattern, words in (
        (r"use --encoding ([\w-]+)", r"choose \1 under Reading options, on Catalog"),
        (r"with --map \w+=\w+", "on Catalog, column by column"),
        (r'load with on_invalid="null" \(--on-invalid null\)',
         "take them as missing under Reading options, on Catalog"),
        (r"Rank --by novelty or likeness, or sort what predict answers",
         'Look for what is "Unlike the rest" or "Like references", or order them on Rank'),
        (r"rank --by likeness", 'look for what is "Like references"'),
        (r"Predict a catalog instead, and sort the answers",
         "Filter them, or predict them all on Catalog"),
    )
]  # fmt: skip
"""What errors advise at the command line, and what does it on the pages."""


def in_page_words(message: str) -> str:
    """Return what is wrong with the advice that a page can follow.

    Examples
    --------
    >>> in_page_words("Not UTF-8: use --encoding latin-1.")
    'Not UTF-8: choose latin-1 under Reading options, on Catalog.'
    """
    for pattern, words in _OF_PAGES:
        message = pattern.sub(words, message)
    return message


def plain(text: str) -> str:
    r"""Return text as Markdown that shows just it: names of tracks are not to be trusted.

    Examples
    --------
    >>> plain("*Hits* <b> ![x](y)")
    '\\*Hits\\* \\<b\\> \\!\\[x\\]\\(y\\)'
    """
    return _SIGNS.sub(r"\\\1", _ADDRESS.sub("\\g<0>\u200b", text))


@contextmanager
def errors_shown() -> Iterator[None]:
    """Show what is wrong with what was sent, in the words of every other interface."""
    try:
        yield
    except TrackOracleError as error:
        show_error(error.message)


def show_error(message: str) -> None:
    """Show a sentence that says what is wrong."""
    st.error(plain(in_page_words(message)), icon=":material/error:")


def tone() -> Literal["light", "dark"]:
    """Return the user's theme."""
    return "dark" if st.context.theme.type == "dark" else "light"


def show_figure(figure: Figure, key: str) -> None:
    """Show a figure with its title and note, and its drawing and numbers to be downloaded."""
    with st.container(key=f"figure-{key}", gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="xsmall"):
            st.markdown(f"**{plain(figure.title)}**", width="content")
            with st.popover(":material/download:", help="Save this figure", type="tertiary"):
                save("Drawing (SVG)", lambda: figure_svg(figure), f"{figure.name}.svg", key)
                save("Numbers (CSV)", lambda: figure_csv(figure), f"{figure.name}.csv", key)
        spec = {**figure.described, "padding": _PADDING, "config": theme(tone())}
        st.vega_lite_chart(spec=spec, theme=None, key=f"chart-{key}")
        if figure.note:
            st.caption(plain(figure.note))


def show_table(
    table: pl.DataFrame, name: str, key: str, *, saved: pl.DataFrame | None = None, **more: Any
) -> Any:
    """Show a table, with a button that saves it, or what stands behind it."""
    shown = st.dataframe(table, hide_index=True, key=f"table-{key}", alt=name, **more)
    save(
        "Save the table (CSV)",
        lambda: as_csv(table if saved is None else saved),
        f"{name}.csv",
        key,
    )
    return shown


def as_csv(table: pl.DataFrame) -> bytes:
    """Return a table as CSV that no spreadsheet takes for formulas."""
    flat = without_formulas(table).with_columns(
        pl.selectors.by_dtype(pl.List(pl.String)).list.join(CREDIT_SEPARATOR)
    )
    return flat.write_csv().encode()


def as_written(table: pl.DataFrame, ending: str) -> bytes:
    """Return a table as the command line writes it, by the ending of the file."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, f"table{ending}")
        write_table(table, path)
        return path.read_bytes()


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
