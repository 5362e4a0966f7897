"""Models: what an oracle is, how good it proved, where it errs, what weighs, and which answers."""

from __future__ import annotations

from html import escape

import polars as pl
import streamlit as st

from trackoracle.interfaces.web.cards import card_markdown
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import plain, show_figure, show_table
from trackoracle.interfaces.web.weighing import show_weights
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    FACT,
    FEWER_INPUTS,
    METRICS_EXPLAINED,
    ORDER_EXPLAINED,
    QualityTable,
    are_comparable,
    calibration_figure,
    comparison_rows,
    contract_rows,
    coverage_figure,
    genre_rows,
    genres_figure,
    honesty_sentence,
    leaderboard_figure,
    leaderboard_rows,
    oracle_facts,
    protocols_figure,
    quality_rows,
    quality_tables,
    to_json,
    verdict,
)
from trackoracle.schema import Report

_PARTS = {
    "good": ":material/leaderboard: How good",
    "errs": ":material/troubleshoot: Where it errs",
    "weighs": ":material/balance: What weighs",
    "inputs": ":material/input: Inputs",
    "card": ":material/description: Card",
    "beside": ":material/compare_arrows: Compare",
}
_MOST_BESIDE = 4
_FACT_WIDTH = 200
_ELSEWHERE = "Elsewhere: "
_THREE, _TWO = "%.3f", "%.2f"


def show() -> None:
    """Show the page."""
    st.title("Models")
    oracle = session().oracle
    st.markdown(f"**{plain(honesty_sentence(oracle.report))}**")
    if oracle.bundle.catalog.synthetic:
        st.warning("Learned from made-up tracks: its numbers say nothing of real music.")
    _show_facts(oracle)
    parts = [part for part in _PARTS if part != "beside" or len(held().oracles) > 1]
    part = st.segmented_control(
        "What to see of this oracle", parts, format_func=_PARTS.__getitem__,
        default="good", required=True, key="models-part", label_visibility="collapsed",
    )  # fmt: skip
    match part:
        case "good":
            _show_scores(oracle.report)
        case "errs":
            _show_errors(oracle.report)
        case "weighs":
            show_weights(session().oracle_name, oracle)
        case "inputs":
            _show_inputs(oracle)
        case "card":
            _show_card(oracle)
        case "beside":
            _compare()


def _show_facts(oracle: Oracle) -> None:
    facts = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(said)}</dd></div>"
        for name, said in {"Oracle": session().oracle_name, **oracle_facts(oracle)}.items()
    )
    st.html(f'<dl class="facts">{facts}</dl>')


def _compare() -> None:
    """Show oracles side by side, and let another answer."""
    oracles, own = held().oracles, session()
    names = list(oracles)
    if len(names) > 2:
        names = st.multiselect(
            "Side by side", names, names[:_MOST_BESIDE], key="models-beside",
            max_selections=_MOST_BESIDE,
        )  # fmt: skip
    beside = {name: oracles[name] for name in names}
    if beside:
        first = {FACT: st.column_config.TextColumn(width=_FACT_WIDTH, pinned=True)}
        rows = comparison_rows(beside)
        show_table(rows, "oracles", "oracles", height="content", column_config=first)
    if not are_comparable(beside):
        st.caption(
            "They predict other things, or were judged on other catalogs: their numbers do not "
            "compare."
        )
    with st.container(horizontal=True, gap="small"):
        for name in names:
            answers = name == own.oracle_name
            label = f"{plain(name)} answers" if answers else f"Answer with {plain(name)}"
            st.button(
                label, key=f"answer-with-{name}", on_click=_answer_with, args=(name,),
                disabled=answers, icon=":material/check:" if answers else None,
            )  # fmt: skip


def _answer_with(name: str) -> None:
    session().oracle_name = name
    st.session_state["oracle"] = name  # the choice that every page has at its side


def _show_scores(report: Report) -> None:
    st.markdown(plain(f"{verdict(report, plainly=True)} {report.audit_said}"))
    show_figure(leaderboard_figure(report), "leaderboard")
    rows = leaderboard_rows(report)
    with st.expander("Every candidate in numbers", icon=":material/table:"):
        show_table(rows, "leaderboard", "leaderboard-rows", column_config=_formats(rows, _THREE))
    left, right = st.columns(2, gap="large")
    with left:
        show_figure(protocols_figure(report), "protocols")
        if not any(protocol.name == "random" for protocol in report.protocols):
            st.caption(
                "Not measured: a random split, which lets re-releases and an artist's other "
                "tracks into training and flatters. Only honest ones are shown."
            )
    with right:
        if figure := coverage_figure(report):
            show_figure(figure, "coverage")
        else:
            st.caption("Intervals: this oracle predicts none, or its report does not tell of them.")
    for table in quality_tables(report):
        if table.title != FEWER_INPUTS:
            with st.expander(plain(table.title), icon=":material/table:"):
                _show_quality(table)
    _show_notes(report)


def _show_notes(report: Report) -> None:
    elsewhere = [n.removeprefix(_ELSEWHERE) for n in report.notes if n.startswith(_ELSEWHERE)]
    others = [note for note in report.notes if not note.startswith(_ELSEWHERE)]
    for title, notes in (("On tracks from elsewhere", elsewhere), ("To be known", others)):
        if notes:
            st.subheader(title, anchor=False)
            st.markdown("\n".join(f"- {plain(note)}" for note in notes))
        if notes is elsewhere and notes:
            st.caption(plain(f"{METRICS_EXPLAINED[report.metric]} {ORDER_EXPLAINED}"))


def _show_errors(report: Report) -> None:
    if figure := calibration_figure(report):
        show_figure(figure, "calibration")
    else:
        st.caption("Calibration: the report of this oracle does not tell of it.")
    told = {p.name: p.stands_for for p in report.protocols if report.by_genre.get(p.name)}
    if not told:
        st.caption("Errors by genre: the report of this oracle does not tell of them.")
        return
    names = list(told)
    protocol = st.selectbox(
        "Judged on", names, len(names) - 1, format_func=told.__getitem__, key="models-protocol"
    )
    if figure := genres_figure(report, protocol):
        show_figure(figure, "genres")
    rows = genre_rows(report, protocol)
    with st.expander(f"All {len(rows):,} genres in numbers", icon=":material/table:"):
        show_table(rows, "genres", "genres-rows", column_config=_formats(rows, _TWO))


def _show_inputs(oracle: Oracle) -> None:
    st.markdown(
        "Any of these may be missing: the answer is then less sure. Values outside the range seen "
        "are answered with a warning, impossible ones are refused."
    )
    show_table(contract_rows(oracle.contract), "inputs", "contract", height="content")
    for table in quality_tables(oracle.report):
        if table.title == FEWER_INPUTS:
            st.subheader(plain(table.title), anchor=False)
            _show_quality(table)
            return
    st.caption(f"{FEWER_INPUTS}: not measured for this oracle.")


def _show_quality(table: QualityTable) -> None:
    show_table(quality_rows(table), table.title, f"quality-{table.title}", height="content")
    for line in (*table.below, table.note):
        st.caption(plain(line))


def _show_card(oracle: Oracle) -> None:
    name = session().oracle_name
    with st.container(horizontal=True, gap="small"):
        st.download_button(
            "Save the card (Markdown)", oracle.card, f"{name}.md", "text/markdown",
            on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Save the report (JSON)", lambda: to_json(oracle.report.to_dict()),
            f"{name}-report.json", "application/json", on_click="ignore",
            icon=":material/download:",
        )  # fmt: skip
    with st.container(border=True, key="card"):
        st.markdown(card_markdown(oracle.card))


def _formats(rows: pl.DataFrame, style: str) -> dict[str, object]:
    """Return how the fractions of a table are written."""
    told = rows.select(pl.selectors.float()).columns
    return {name: st.column_config.NumberColumn(format=style) for name in told}
