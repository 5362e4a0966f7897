"""Charts of a catalog, of all its tracks or of those that a filter leaves, a part at a time."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext

import streamlit as st

import trackoracle
from trackoracle.exploration import CatalogReport
from trackoracle.interfaces.web.catalogs.filters import said_filter
from trackoracle.interfaces.web.catalogs.opened import Opened
from trackoracle.interfaces.web.catalogs.results import Work, result_of
from trackoracle.interfaces.web.showing import plain, save, show_figure, show_table
from trackoracle.rendering import (
    CatalogPart,
    Figure,
    catalog_parts,
    catalog_report,
    of_genre,
    to_json,
)

ALL, _FILTERED = "all", "filtered"
_CAVEAT = (
    "What goes together in this catalog; nothing here says what causes it. Intervals are of 95 % "
    "and take the tracks of an artist together."
)


def show_charts(own: Opened) -> None:
    """Show one part of the report, once it was made."""
    which = choose_which(own)
    report = _report(own, which)
    if report is None:
        return
    parts = {part.name: part for part in _parts(own, which, report)}
    if not parts:
        st.info("These tracks tell nothing that could be drawn.", icon=":material/block:")
        return
    name = st.pills(
        "Part of the report",
        list(parts),
        default=None if own.key("section") in st.session_state else next(iter(parts)),
        key=own.key("section"),
        persist_state="session",
        required=True,
        label_visibility="collapsed",
    )
    _show_part(own, parts.get(name or "", next(iter(parts.values()))), which)
    st.caption(_CAVEAT)
    with st.container(horizontal=True):
        save(
            "The whole report (HTML)",
            lambda: catalog_report(report).encode(),
            "report.html",
            own.key("report"),
        )
        save(
            "Its numbers (JSON)",
            lambda: to_json(report.to_dict()).encode(),
            "report.json",
            own.key("report"),
        )


def choose_which(own: Opened) -> str:
    """Choose all tracks (`ALL`), or those that the filter leaves, where one is set."""
    n = len(own.chosen())
    if not own.wanted.asks or n == 0:
        return ALL
    names = {
        ALL: f"All {len(own.catalog):,} tracks",
        _FILTERED: f"The {n:,} filtered",
    }
    which = st.segmented_control(
        "Which tracks",
        list(names),
        format_func=names.__getitem__,
        default=None if own.key("which") in st.session_state else ALL,
        key=own.key("which"),
        required=True,
        persist_state="session",
    )
    if which == _FILTERED:
        st.caption(plain(said_filter(own.wanted)))
        return _FILTERED
    return ALL


def _report(own: Opened, which: str) -> CatalogReport | None:
    """Return the report; that of all tracks is kept with the catalog, another with the user."""
    if which == ALL:
        catalog = own.catalog
        work = Work(
            "report",
            "Counting all tracks",
            lambda progress: trackoracle.explore(catalog, audit=False, progress=progress),
        )
        found = own.loaded.found
    else:
        part = own.catalog.take(own.chosen())
        name = f"report {said_filter(own.wanted)}"
        for old in [n for n in own.found if n.startswith("report ") and n != name]:
            del own.found[old]
        work = Work(
            name,
            "Counting the filtered tracks",
            lambda progress: trackoracle.explore(part, audit=False, progress=progress),
        )
        found = own.found
    report: CatalogReport | None = result_of(work, found, own.jobs, begin=True)
    return report


def _parts(own: Opened, which: str, report: CatalogReport) -> Sequence[CatalogPart]:
    """Return the parts; drawn once for each report."""
    kept = own.found.get(f"parts {which}")
    if kept is None or kept[0] is not report:
        kept = own.found[f"parts {which}"] = (report, catalog_parts(report))
    parts: Sequence[CatalogPart] = kept[1]
    return parts


def _show_part(own: Opened, part: CatalogPart, which: str) -> None:
    for sentence in part.sentences:
        st.markdown(plain(sentence))
    figures: Sequence[Figure] = part.figures
    if part.choices:
        feature = st.selectbox(
            "Feature",
            list(part.choices),
            key=own.key("feature"),
            persist_state="session",
            width=320,
        )
        sentence, figures = part.choices[feature]
        st.markdown(plain(sentence))
    if part.genres:
        genre = st.selectbox(
            "Genre", part.genres, key=own.key(f"picked-{which}"), persist_state="session", width=320
        )
        figures = [of_genre(figure, genre) for figure in figures]
    show_figures(figures, own.key(which))
    for title, table in part.tables:
        st.markdown(f"**{plain(title)}**")
        show_table(table, title.lower().replace(" ", "-"), own.key(f"{which}-{title}"))


def show_figures(figures: Sequence[Figure], key: str) -> None:
    """Show figures two in a row, wide ones alone."""
    waiting: list[Figure] = []
    for figure in figures:
        if figure.wide:
            _show_row(waiting, key)
            waiting = []
            _show_one(figure, key)
        else:
            waiting.append(figure)
            if len(waiting) == 2:
                _show_row(waiting, key)
                waiting = []
    _show_row(waiting, key)


def _show_row(figures: Sequence[Figure], key: str) -> None:
    if not figures:
        return
    for place, figure in zip(st.columns(2, gap="medium"), figures, strict=False):
        with place:
            _show_one(figure, key)


def _show_one(figure: Figure, key: str) -> None:
    """Show a figure; one that needs room is slid where there is too little."""
    name = f"{key}-{figure.name}"
    with st.container(key=f"slide-{name}") if figure.least else nullcontext():
        show_figure(figure, name)
