"""What an oracle answers for the track in hand: how popular, how sure, why, and what is alike."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import polars as pl
import streamlit as st

from trackoracle import rendering
from trackoracle.errors import SourceError
from trackoracle.interfaces.web.catalogs.opened import similar_source
from trackoracle.interfaces.web.flagging import show_flag
from trackoracle.interfaces.web.session import InHand, session
from trackoracle.interfaces.web.setting import genres_of
from trackoracle.interfaces.web.showing import plain, show_figure, show_table
from trackoracle.interfaces.web.versions import keep_version, show_news
from trackoracle.interfaces.web.ways import Way, go, link
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    GENRES,
    controls,
    distribution_figure,
    finite,
    percent,
    reasons,
    shown_value,
    similar_rows,
    tiers_figure,
    unit_sentence,
    waterfall_figure,
)
from trackoracle.schema import ESTIMATED, MEASURED, Explanation, Hit, Popularity, bounds

LEVEL = 0.9
_HERE = "predict"
_N_SIMILAR = 8
_SHOWN = ("rank", "track_name", "artists", "genres", "popularity", "distance")


def show_answer(hand: InHand) -> None:
    """Show everything that the oracle says of a track."""
    oracle, row = session().oracle, hand.asked()
    told = oracle.explain(row, level=LEVEL)
    with st.container(key="answer"):
        _show_headline(told, oracle)
        if told.answer["warning"]:
            st.warning(plain(str(told.answer["warning"])), icon=":material/info:")
        _ask_genre(hand, oracle)
        _show_buttons(hand, row, told)
        _show_distribution(oracle, row, told)
        show_figure(waterfall_figure(told), "waterfall")
        with st.expander("In words", icon=":material/notes:"):
            for sentence in reasons(told):
                st.markdown(f"- {plain(sentence)}")
        _show_more(hand, row)


def headline(told: Mapping[str, Any], oracle: Oracle) -> tuple[str, str]:
    """Return the number that answers, and what it is, as the app asks for it."""
    return rendering.headline(told, LEVEL, oracle.target)


def _show_headline(told: Explanation, oracle: Oracle) -> None:
    number, what = headline(told.answer, oracle)
    st.html(f'<div class="big" role="status">{number}<small>{what}</small></div>')
    show_unit(oracle)


def show_unit(oracle: Oracle) -> None:
    """Say quietly what the number is, and as of when."""
    st.caption(plain(unit_sentence(oracle.target, oracle.bundle.catalog)))


def _ask_genre(hand: InHand, oracle: Oracle) -> None:
    """Ask for the genre where an oracle takes one that is not known: files seldom tell it."""
    if GENRES in oracle.contract.names and not genres_of(hand):
        st.info(
            "Its genre is not known. Choose it under Genre: it often tells more than the sound.",
            icon=":material/help:",
        )


def _show_buttons(hand: InHand, row: Mapping[str, Any], told: Explanation) -> None:
    own = session()
    with st.container(horizontal=True, gap="small"):
        if st.button("What would change it", icon=Way.CHANGE.icon, key="to-change"):
            go(Way.CHANGE)
        if st.button("Keep this version", icon=":material/bookmark_add:", key="keep"):
            keep_version(f"{hand.title}, version {len(own.scenarios) + 1}", row, told.answer, _HERE)
        show_flag(row, told.answer)
    show_news(_HERE)


def _show_distribution(oracle: Oracle, row: Mapping[str, Any], told: Explanation) -> None:
    target = oracle.target
    if isinstance(target, Popularity):
        threshold = st.slider(
            "A hit is a track above so many points",
            0, 99, int(target.hit_above), key="threshold", persist_state="session",
        )  # fmt: skip
        distribution = oracle.distribution(row)
        chance = float(distribution.above(threshold)[0])
        st.markdown(f"**{percent(chance)}** probability of a hit, above {threshold} points")
        show_figure(distribution_figure(distribution, threshold=threshold, level=LEVEL), "points")
    if not isinstance(target, Hit):
        show_figure(tiers_figure(told.answer, target), "tiers")


def _show_more(hand: InHand, row: Mapping[str, Any]) -> None:
    """Show what costs something only once it is opened."""
    sure = st.expander("What the answer rests on", icon=":material/fact_check:")
    with sure:
        show_table(inputs_table(hand, session().oracle), "inputs", "inputs")
    similar = st.expander(
        "Similar tracks", icon=":material/queue_music:", on_change="rerun", key="similar-open"
    )
    if similar.open:
        with similar:
            _show_similar(row)
    with st.expander("What was asked", icon=":material/data_object:"):
        st.caption("The same answer: save it and run trackoracle predict X.oracle FILE.jsonl")
        text = json.dumps(finite(dict(row)), ensure_ascii=False, default=str)
        st.code(text, language="json", wrap_lines=True)
        st.download_button(
            "Save (JSONL)", text + "\n", "track.jsonl", "application/jsonl", on_click="ignore"
        )


def _show_similar(row: Mapping[str, Any]) -> None:
    import trackoracle

    source = similar_source()
    with st.spinner("Looking for similar tracks"):
        try:
            told = trackoracle.similar(source.index(), dict(row), k=_N_SIMILAR)
        except SourceError as error:
            st.info(plain(error.message))
            return
    if source.is_made_up:
        st.warning(
            f"None of these is real: they are among the {told.n_tracks:,} made-up tracks of the "
            "sample. Load your catalog to search it.",
            icon=":material/science:",
        )
        link(Way.CATALOG, "Load your catalog")
    else:
        st.caption(plain(f"Of the {told.n_tracks:,} tracks of {source.name}."))
    found = similar_rows([told])
    show_table(found.select(name for name in found.columns if name in _SHOWN), "similar", "similar")


def inputs_table(hand: InHand, oracle: Oracle) -> pl.DataFrame:
    """Return every input of an oracle, its value in the track in hand, and where it is from."""
    row = hand.asked()
    rows = [
        {
            "Input": control.label,
            "Value": _said(control.name, row.get(control.name)),
            "Where from": _origin(hand, control.name, row),
        }
        for control in controls(oracle.contract)
    ]
    return pl.DataFrame(rows)


def _said(name: str, value: Any) -> str:
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return shown_value(name, value)


def _origin(hand: InHand, name: str, row: Mapping[str, Any]) -> str:
    if row.get(name) is None:
        return "not known"
    if name in hand.edits:
        return "set by hand"
    match hand.origin:
        case "hand":
            return "a typical value"
        case "recording":
            return _heard_origin(name, row)
        case "link":
            return "told by a live service"
    return "from the catalog"


def _heard_origin(name: str, row: Mapping[str, Any]) -> str:
    low, high = bounds(name) if name in ESTIMATED else ("", "")
    if row.get(low) is not None and row.get(high) is not None:
        ends = f"{shown_value(name, row[low])} to {shown_value(name, row[high])}"
        return f"estimated, with 90 % probability {ends}"
    return "measured" if name in MEASURED else "the file's own tags"
