"""Predictions of all tracks of the catalog, or of those that a filter leaves, as a table."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
import polars as pl
import streamlit as st
from numpy.typing import NDArray

from trackoracle.interfaces.web.answering import show_unit
from trackoracle.interfaces.web.catalogs.charts import ALL, choose_which
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.interfaces.web.catalogs.results import choose_level, latest_of, turn_of
from trackoracle.interfaces.web.catalogs.tracks import MOST_SHOWN, show_actions
from trackoracle.interfaces.web.jobs import Progress
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import as_written, errors_shown, plain, save
from trackoracle.oracle import Oracle, learned_notes
from trackoracle.schema import CREDIT_SEPARATOR, Catalog

_PART = "predictions"
_AT_A_TIME = 2_048
"""Tracks between two looks at whether they are still wanted."""
_FIRST = {"popularity": "popularity", "hit": "p_hit", "tier": "tier"}
"""What orders the table, by target."""
_AS_WRITTEN = (
    "The files are what trackoracle predict writes of these tracks as they were loaded: in the "
    "order of the catalog, and what was merged or corrected in loading as it is now."
)


@dataclass(frozen=True, eq=False)
class Predicted:
    """What an oracle answers for rows of a catalog.

    Parameters
    ----------
    rows
        (n,) of the catalog.
    answers
        (n, m) as `predict` tells them.
    notes
        Where they look better than they are.
    target
        Of the oracle.
    """

    rows: NDArray[np.int64]
    answers: pl.DataFrame
    notes: tuple[str, ...]
    target: str


def show_predictions(own: Opened) -> None:
    """Show what is asked, and the table."""
    show_unit(session().oracle)
    which = choose_which(own)
    rows = np.arange(len(own.catalog)) if which == ALL else own.chosen()
    with errors_shown():
        told = latest_of(own, _PART, _choose(own, rows))
        if told is not None:
            _show_table(own, told)


def _choose(own: Opened, rows: NDArray[np.int64]) -> Callable[[Progress], Predicted] | None:
    """Show the options; return what predicts when it is asked for."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        level = choose_level(own, _PART)
        label = f"Predict {len(rows):,} track{'' if len(rows) == 1 else 's'}"
        if not st.button(label, type="primary", icon=":material/insights:"):
            return None
    return partial(predict_rows, session().oracle, own.catalog, rows, level)


def predict_rows(
    oracle: Oracle,
    catalog: Catalog,
    rows: NDArray[np.int64],
    level: float,
    progress: Callable[[int, int, str], None],
) -> Predicted:
    """Predict rows of a catalog, some at a time; `progress` may raise, which ends it."""
    part = catalog.take(rows)
    answers = []
    for start in range(0, len(part), _AT_A_TIME):
        progress(start, len(part), "")
        some = part.tracks[start : start + _AT_A_TIME]
        answers.append(oracle.predict(some, level=level, first_row=start + 1))
    progress(len(part), len(part), "")
    return Predicted(
        rows, pl.concat(answers), learned_notes(oracle.bundle, part), oracle.target.name
    )


def _show_table(own: Opened, told: Predicted) -> None:
    for note in told.notes:
        st.warning(plain(note), icon=":material/school:")
    by = told.answers[_FIRST[told.target]].to_numpy()
    first = np.argsort(-by, kind="stable")[:MOST_SHOWN]
    actions = st.container(horizontal=True)
    state = st.dataframe(
        _as_shown(own, told, first),
        hide_index=True,
        key=own.key(f"predicted-{turn_of(own, _PART)}"),
        alt="Predictions, the highest first",
        column_config=_CONFIG,
        on_select="rerun",
        selection_mode="multi-row",
        placeholder="",
    )
    rows = [int(told.rows[first[i]]) for i in state.selection.rows if i < len(first)]
    with actions:
        show_actions(own, rows, "predictions")
    if len(told.rows) > MOST_SHOWN:
        st.caption(f"The highest {MOST_SHOWN:,} of {len(told.rows):,}; the files have all.")
    with st.container(horizontal=True):
        for name, ending in (("CSV", ".csv"), ("Parquet", ".parquet")):
            save(
                f"All {len(told.rows):,} ({name})",
                partial(as_written, told.answers, ending),
                f"predictions{ending}",
                own.key("predicted"),
            )
    st.caption(_AS_WRITTEN)


def _as_shown(own: Opened, told: Predicted, first: NDArray[np.int64]) -> pl.DataFrame:
    """Return the first of the table with what people call the tracks."""
    tracks = own.catalog.tracks[told.rows[first]]
    named = [
        tracks[name].list.join(", ") if tracks[name].dtype == pl.List(pl.String) else tracks[name]
        for name in ("track_name", "artists", "popularity")
        if name in tracks.columns
    ]
    names = [s.alias("now") if s.name == "popularity" else s for s in named]
    known = pl.col("known").str.replace_all(CREDIT_SEPARATOR, ", ")
    return pl.DataFrame(names).hstack(told.answers[first].with_columns(known))


def _number(title: str, form: str) -> Any:
    return st.column_config.NumberColumn(title, format=form)


_CONFIG: dict[str, Any] = {
    "track_name": st.column_config.TextColumn("Title", width=210),
    "artists": st.column_config.TextColumn("Artists", width=170),
    "now": _number("Now", "%.0f"),
    "popularity": _number("Predicted", "%.0f"),
    "popularity_low": _number("Low", "%.0f"),
    "popularity_high": _number("High", "%.0f"),
    "p_hit": _number("P(hit)", "%.2f"),
    "tier": _number("Tier", "%.0f"),
    "known": st.column_config.TextColumn("What is known of it", width=160),
    "warning": st.column_config.TextColumn("Warning", width=200),
    **dict.fromkeys(("track_id", "popularity_median", "is_hit", "estimated")),
    **dict.fromkeys(f"p_tier_{i}" for i in range(12)),
}
