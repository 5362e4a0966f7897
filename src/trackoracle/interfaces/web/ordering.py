"""The order of several tracks: who comes first, how sure that is, and the case for the single."""

from __future__ import annotations

from functools import partial
from typing import Any, Literal

import polars as pl
import streamlit as st

from trackoracle.errors import SourceError
from trackoracle.interfaces.web.answering import LEVEL, show_unit
from trackoracle.interfaces.web.gathering import Lot
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job, Progress
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, plain, show_figure, show_table
from trackoracle.interfaces.web.ways import Way, go
from trackoracle.interfaces.web.working import show_job
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    GENRES,
    close_calls,
    name_of,
    order_worth,
    ranking_figure,
    ranking_rows,
    single_case,
)
from trackoracle.schema import CREDIT_SEPARATOR, ESTIMATED, Ranking, Together, tier_names

_KEPT = "order"
_AT_ONCE = 200
"""Tracks that are ordered while the user waits; of more the order is a job."""
_MOST_BESIDE = 16
"""Tracks whose figure stands beside the words; a longer one stands below."""
_MOST_SAID = 6
_WHOSE: dict[Together | Literal["told"], str] = {
    "told": "As the tracks say",
    "artist": "One artist's",
    "album": "One album's",
}


def _share(name: str) -> Any:
    return st.column_config.NumberColumn(name, format="%.1f %%")


_HEADS = {
    "rank": "Place",
    "track": "Track",
    "popularity": st.column_config.NumberColumn("Popularity", format="%.1f"),
    "popularity_low": st.column_config.NumberColumn("from", format="%.0f"),
    "popularity_high": st.column_config.NumberColumn("to", format="%.0f"),
    "expected_tier": st.column_config.NumberColumn("Expected tier", format="%.2f"),
    "p_hit": _share("A hit"),
    "p_above_next": _share("Above the next"),
    "p_best": _share("Best of all"),
    "group": "Group",
    "known": "What is known of it",
    "track_id": None,
    "row": None,
}


def show_order(lot: Lot, number: int) -> None:
    """Show the order of a lot.

    Parameters
    ----------
    number
        Another one for every lot.
    """
    st.header(plain(lot.title), anchor=False)
    show_unit(session().oracle)
    for note in lot.notes:
        st.caption(plain(note))
    whose = st.segmented_control(
        "Whose the tracks are",
        list(_WHOSE),
        format_func=_WHOSE.__getitem__,
        default=lot.together or "told",
        key=f"together-{number}",
        persist_state="session",
        help="Tracks of one artist or album share what is not known of these, so their order is "
        "surer than that of strangers.",
    )
    lot = _ask_genre(lot, number)
    with errors_shown():
        together = None if whose is None or whose == "told" else whose
        ranking = _ranking(lot, number, together)
        if ranking is not None:
            _show_ranking(lot, ranking, number)


def _ask_genre(lot: Lot, number: int) -> Lot:
    """Ask for the genre of tracks of which none is known; return the lot as it is then."""
    contract = session().oracle.contract
    rows = lot.without_genre(contract)
    if not rows:
        return lot
    whose = "the tracks" if len(rows) == len(lot.tracks) else f"the {len(rows):,} without one"
    told: str | None = st.selectbox(
        f"Genre of {whose}",
        contract[GENRES].levels,
        None,
        key=f"genre-{number}-{session().oracle_name}",
        persist_state="session",
        placeholder="not known",
        help="It often tells more than the sound. Without it they are judged by their sound alone.",
        width=420,
    )
    return lot if told is None else lot.with_genre(told, rows)


def _ranking(lot: Lot, number: int, together: Together | None) -> Ranking | None:
    """Return the order, when it is there; asked again only when something else is asked."""
    own = session()
    asked = (own.oracle_name, number, together, lot.genre_of)
    kept = own.kept.get(_KEPT)
    if kept is None or kept[0] != asked:
        if kept is not None and isinstance(kept[1], Job):
            kept[1].cancel()
        own.kept[_KEPT] = kept = (asked, _begin(own.oracle, lot, together))
    found: Ranking | Job[Ranking] = kept[1]
    if isinstance(found, Ranking):
        return found
    if not show_job(found, "Ranking"):
        return None
    if found.state == "done":
        own.kept[_KEPT] = (asked, found.result)
        return found.result
    refused = isinstance(found.error, SourceError)
    if not refused and st.button("Rank again", icon=":material/refresh:"):
        own.kept.pop(_KEPT)
        st.rerun()
    return None


def _begin(oracle: Oracle, lot: Lot, together: Together | None) -> Ranking | Job[Ranking]:
    if len(lot.tracks) > _AT_ONCE:
        return held().board.submit(session().label, partial(_rank, oracle, lot, together))
    with st.spinner("Ordering the tracks"):
        return oracle.rank(lot.tracks, together=together, level=LEVEL)


def _rank(oracle: Oracle, lot: Lot, together: Together | None, progress: Progress) -> Ranking:
    progress(0, 0, f"{len(lot.tracks):,} tracks")
    return oracle.rank(lot.tracks, together=together, level=LEVEL)


def _show_ranking(lot: Lot, ranking: Ranking, number: int) -> None:
    figure = ranking_figure(ranking, lot.names)
    is_short = len(ranking.tracks) <= _MOST_BESIDE
    if is_short:
        told, drawn = st.columns([0.46, 0.54], gap="large")
        with told:
            _show_case(lot, ranking)
        with drawn:
            show_figure(figure, "ranking")
    else:
        _show_case(lot, ranking)
    # Another order gets another choice: one that stays would still show the track it had.
    order = "-".join([str(number), session().oracle_name, *(lot.genre_of or ())[:1]])
    _show_way_on(lot, ranking, f"closer-{order}")
    rows = ranking_rows(ranking, lot.names)
    heads = _heads(session().oracle)
    show_table(
        _as_shown(rows),
        "order",
        f"order-{number}",
        saved=rows,
        column_config=heads,
        placeholder="-",
    )
    if not is_short:
        show_figure(figure, "ranking")
    estimated = [name for name in ESTIMATED if name in lot.tracks.columns]
    notes = list(ranking.notes)
    if lot.heard and estimated:
        notes.insert(0, f"Estimated from the sound, with errors: {', '.join(estimated)}.")
    if notes:
        st.caption(plain(" ".join(notes)))


def _show_case(lot: Lot, ranking: Ranking) -> None:
    if len(ranking.tracks) > 1:
        st.caption("To try first")
        st.subheader(plain(name_of(ranking.tracks[0], lot.names)), anchor=False)
    st.markdown(plain(single_case(ranking, lot.names)))
    _show_close_calls(ranking, lot)
    if len(ranking.tracks) > 1:
        st.caption(plain(order_worth(session().oracle.report)))


def _heads(oracle: Oracle) -> dict[str, Any]:
    tiers = enumerate(tier_names(oracle.target))
    return _HEADS | {f"p_tier_{i}": _share(name) for i, name in tiers}


def _as_shown(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the order with probabilities in hundredths, as people read them."""
    return rows.with_columns(
        pl.col("^p_.*$") * 100, pl.col("known").str.replace_all(CREDIT_SEPARATOR, ", ")
    )


def _show_close_calls(ranking: Ranking, lot: Lot) -> None:
    said = close_calls(ranking, lot.names)
    if not said or len(ranking.groups) == 1:
        return  # the case for the single says that none stands apart
    st.markdown("**Too close to call**")
    st.markdown("\n".join(f"- {plain(sentence)}" for sentence in said[:_MOST_SAID]))
    if len(said) > _MOST_SAID:
        st.caption(f"And {len(said) - _MOST_SAID:,} more groups; see the table.")


def _show_way_on(lot: Lot, ranking: Ranking, key: str) -> None:
    """Let one of the tracks be asked about."""
    with st.container(horizontal=True, vertical_alignment="bottom", gap="small"):
        place = st.selectbox(
            "Look closer at",
            range(len(ranking.tracks)),
            format_func=lambda i: f"{i + 1:,}. {name_of(ranking.tracks[i], lot.names)}",
            key=key,
            width=420,
        )
        if st.button("Open in Predict", icon=Way.PREDICT.icon, key="open-in-predict"):
            lot.take(ranking.tracks[place].row - 1)
            go(Way.PREDICT)
