"""What would change the answer for the track in hand: cards, each to be applied or kept."""

from __future__ import annotations

import html
import json
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import streamlit as st

from trackoracle.interfaces.web.answering import LEVEL, headline, show_unit
from trackoracle.interfaces.web.session import InHand, Row, session
from trackoracle.interfaces.web.setting import genres_of
from trackoracle.interfaces.web.showing import plain, show_figure
from trackoracle.interfaces.web.versions import keep_version, show_news
from trackoracle.interfaces.web.wishing import Wish
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    change_text,
    edits_sentence,
    finite,
    gain,
    goal_verdict,
    label,
    levers_figure,
    noise_sentence,
    rarity,
    sureness,
    typical_of,
    value_text,
)
from trackoracle.schema import Change, Counterfactual, Counterfactuals

_KEPT = "change"
ASSOCIATION = (
    "These go together in known tracks. Nothing here shows that a change makes a track more "
    "popular."
)


def predicted(oracle: Oracle, row: Row) -> dict[str, Any]:
    """Return what `predict` says of one track, by column."""
    told: dict[str, Any] = oracle.predict(row, level=LEVEL).to_dicts()[0]
    return told


def changes_of(hand: InHand, wish: Wish) -> Counterfactuals:
    """Return what would change the track in hand; asked again only when something else is asked."""
    own, row = session(), hand.asked()
    asked = (own.oracle_name, json.dumps(finite(row), sort_keys=True, default=str), wish)
    kept: tuple[object, Counterfactuals] | None = own.kept.get(_KEPT)
    if kept is None or kept[0] != asked:
        with st.spinner("Trying some thousand changes"):
            found = own.oracle.counterfactuals(
                row,
                goal=wish.goal,
                lock=wish.lock,
                ranges=dict(wish.ranges),
                most_edits=wish.most_edits,
                level=LEVEL,
            )
        own.kept[_KEPT] = kept = (asked, found)
    return kept[1]


def edits_of(changes: tuple[Change, ...]) -> Row:
    """Return edits as what is set, by column.

    Examples
    --------
    >>> edits_of((Change("tempo", 120.0, 100.0, "BPM"), Change("genres", "pop", "rock")))
    {'tempo': 100.0, 'genres': ['rock']}
    """
    return {c.feature: [c.after] if c.feature == "genres" else c.after for c in changes}


def show_track(hand: InHand, oracle: Oracle, told: Mapping[str, Any]) -> None:
    """Show the track in hand as it is now, beside what it was before it was edited."""
    st.header(plain(hand.title), anchor=False)
    number, what = headline(told, oracle)
    st.html(f'<div class="big" role="status">{number}</div>{html.escape(what)}')
    show_unit(oracle)
    if not hand.edits:
        return
    before = predicted(oracle, replace(hand, edits={}).asked())
    st.markdown(f"As it came: **{plain(headline(before, oracle)[0])}**. Changed since:")
    st.markdown("\n".join(_said_set(hand, name) for name in hand.edits))
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Keep this version", key="keep-now", icon=":material/bookmark_add:",
            on_click=keep_version, args=(_now(hand), hand.asked(), told, "now"),
        )  # fmt: skip
        st.button(
            "Undo all changes", key="undo", icon=":material/undo:", type="tertiary",
            on_click=hand.edits.clear,
        )  # fmt: skip
    show_news("now")


def show_changes(hand: InHand, result: Counterfactuals) -> None:
    """Show what would change the answer, the best first, and what each feature does alone."""
    _show_verdict(result)
    typical = typical_of(session().oracle, genres_of(hand))
    for i, found in enumerate(result.counterfactuals):
        with st.container(border=True, key=f"card-{i}", gap="small"):
            _show_card(hand, result, found, edits_sentence(found.changes, typical), i)
    levers = levers_figure(result)
    if levers.spec["data"]["values"]:
        show_figure(levers, "levers")
    else:
        st.caption(plain(levers.note))
    with st.expander("In words", icon=":material/notes:"):
        for sentence in change_text(result):
            st.markdown(f"- {plain(sentence)}")
    st.caption(plain(" ".join([*result.notes[:-1], ASSOCIATION])))


def _show_verdict(result: Counterfactuals) -> None:
    said = plain(goal_verdict(result))
    if result.met:
        st.success(said, icon=":material/check_circle:")
    elif not result.feasible:
        nearest = " The nearest:" if result.counterfactuals else ""
        st.warning(said + nearest, icon=":material/block:")
    else:
        st.markdown(said)
    if result.counterfactuals:
        st.markdown(plain(noise_sentence(result.counterfactuals, mark="too close to call")))


def _show_card(
    hand: InHand, result: Counterfactuals, found: Counterfactual, title: str, i: int
) -> None:
    st.markdown(f"### {plain(title)}")
    number, what = (html.escape(part).replace(" %", "&nbsp;%") for part in gain(result, found))
    st.html(f'<div class="gain">{number}<small>{what}</small></div>')
    st.markdown(" · ".join(map(_said_edit, found.changes)))
    st.caption(plain(f"{sureness(found)} {rarity(found, result.compared_with)}".strip()))
    edits = edits_of(found.changes)
    with st.container(horizontal=True, gap="small"):
        st.button(
            "Apply", key=f"apply-{i}", type="primary", icon=":material/check:",
            help=f"{title}: put this into the track in hand",
            on_click=_apply, args=(hand, edits),
        )  # fmt: skip
        st.button(
            "Keep to compare", key=f"keep-{i}", icon=":material/bookmark_add:",
            help=f"{title}: keep it as a version beside others",
            on_click=_keep, args=(hand, edits, title, f"card-{i}"),
        )  # fmt: skip
    show_news(f"card-{i}")


def _said_edit(change: Change) -> str:
    before, after = (value_text(change.feature, v) for v in (change.before, change.after))
    return f"{plain(label(change.feature))} {plain(before)} → **{plain(after)}**"


def _apply(hand: InHand, edits: Row) -> None:
    """Put edits into the track in hand."""
    hand.edits.update(edits)


def _keep(hand: InHand, edits: Row, title: str, place: str) -> None:
    """Keep the track with edits as a version, and before it the track as it is."""
    own = session()
    if not any(one.oracle == own.oracle_name for one in own.scenarios):
        keep_version(_now(hand), hand.asked(), predicted(own.oracle, hand.asked()))
    row = replace(hand, edits=hand.edits | edits).asked()
    keep_version(title, row, predicted(own.oracle, row), place)


def _now(hand: InHand) -> str:
    return f"{hand.title}, {'as changed' if hand.edits else 'as it is'}"


def _said_set(hand: InHand, name: str) -> str:
    before, after = (plain(_said(name, given.get(name))) for given in (hand.row, hand.edits))
    return f"- {plain(label(name))}: {before} → **{after}**"


def _said(name: str, value: Any) -> str:
    if value is None or value == []:
        return "not known"
    if isinstance(value, list | tuple):
        return "; ".join(map(str, value))
    return value_text(name, value)
