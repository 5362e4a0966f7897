"""What was wrong with a catalog: what loading found and did, and the audit for leaks."""

from __future__ import annotations

from functools import partial
from typing import Any

import polars as pl
import streamlit as st

import trackoracle
from trackoracle.interfaces.web.catalogs.opened import Opened, open_upload
from trackoracle.interfaces.web.catalogs.opening import choose_columns
from trackoracle.interfaces.web.catalogs.results import Work, result_of
from trackoracle.interfaces.web.showing import as_csv, errors_shown, plain, save, show_table
from trackoracle.rendering import METRIC_NAMES, audit_report, label, to_json
from trackoracle.schema import (
    SEVERITIES,
    AuditFinding,
    AuditReport,
    Card,
    Gap,
)

_AT_ONCE = 200_000
"""A catalog of more tracks is audited when the user asks for it."""
_ACTIONS = {"dropped": "red", "nulled": "orange", "repaired": "orange", "merged": "blue"}
_SEVERITIES = {"error": "red", "warning": "orange", "note": "gray"}
_SOON = 1.0
"""Seconds after which it begins by itself."""
_SHOWN = "audit shown"
_QUICK, _WHOLE = "audit", "audit with models"


def show_flaws(own: Opened) -> None:
    """Show what loading found and did, then the audit."""
    loading, audit = st.columns([0.45, 0.55], gap="large")
    with loading:
        _show_loading(own)
    with audit:
        _show_audit(own)


def _show_loading(own: Opened) -> None:
    card = own.catalog.card
    st.subheader("What loading found and did", anchor=False)
    lacking = _lacking(own)
    if lacking:
        st.warning(
            f"Not found in the file: {', '.join(lacking)}. If it is among the columns not used, "
            "choose it below.",
            icon=":material/help:",
        )
    elif not card.findings:
        st.success("Nothing was wrong.", icon=":material/check:")
    with st.container(gap="xsmall"):
        for finding in card.findings:
            colour = _ACTIONS.get(finding.action, "gray")
            examples = f" ({', '.join(finding.examples)})" if finding.examples else ""
            st.markdown(
                f":{colour}-badge[{finding.action}] **{finding.n:,}** "
                f"{plain(finding.what)}:gray[{plain(examples)}]"
            )
    if card.refused:
        st.caption(
            "The command line refuses impossible values in a table of your own; there, add "
            "`--on-invalid null`."
        )
    with st.container(horizontal=True):
        save("What was found (CSV)", lambda: _findings_csv(card), "findings.csv", own.key("card"))
        save(
            "The cleaned catalog (Parquet)",
            lambda: _parquet(own),
            "cleaned.parquet",
            own.key("cleaned"),
        )
    _show_missing(own)
    if card.unused_columns:
        _show_unused(own)
    with st.expander("Where it comes from", icon=":material/info:"):
        for name, value in _facts(card):
            st.markdown(f":gray[{name}]  {plain(value)}")


def _lacking(own: Opened) -> list[str]:
    """Return what people expect of a list and its file may have under a name of its own."""
    if own.loaded.uploads is None or not own.catalog.card.unused_columns:
        return []
    has = set(own.catalog.tracks.columns)
    lacking = [label(name) for name in ("track_name", "artists") if name not in has]
    return lacking if has & {"popularity", "hit"} else [*lacking, label("popularity")]


def _findings_csv(card: Card) -> bytes:
    told = [
        {
            "code": f.code,
            "n": f.n,
            "what": f.what,
            "done": f.action,
            "examples": "; ".join(f.examples),
        }
        for f in card.findings
    ]
    names = ("code", "n", "what", "done", "examples")
    return as_csv(pl.DataFrame(told, schema=None if told else names))


def _parquet(own: Opened) -> bytes:
    from io import BytesIO

    content = BytesIO()
    own.catalog.tracks.write_parquet(content)
    return content.getvalue()


def _show_missing(own: Opened) -> None:
    tracks = own.catalog.tracks
    counts = dict(zip(tracks.columns, tracks.null_count().row(0), strict=True))
    some = {name: n for name, n in counts.items() if n}
    if not some:
        st.caption("No value is missing in any column.")
        return
    columns = "one column" if len(some) == 1 else f"{len(some):,} columns"
    with st.expander(f"Missing values in {columns}", icon=":material/grid_off:"):
        table = pl.DataFrame(
            {
                "column": [label(name) for name in some],
                "tracks without": list(some.values()),
                "share, %": [100 * n / len(tracks) for n in some.values()],
            }
        )
        config = {"share, %": st.column_config.NumberColumn(format="%.1f")}
        show_table(table, "missing-values", own.key("missing"), column_config=config)


def _show_unused(own: Opened) -> None:
    unused, loaded = own.catalog.card.unused_columns, own.loaded
    n = len(unused)
    told = set(own.catalog.tracks.columns)
    with st.expander(
        f"{n:,} column{'' if n == 1 else 's'} of the file not used",
        icon=":material/table_view:",
        expanded=loaded.uploads is not None and not told & {"popularity", "hit"},
    ):
        st.caption(plain(", ".join(unused[:100])))
        if loaded.uploads is None:
            return
        with errors_shown():
            chosen = choose_columns(unused, own.catalog.tracks.columns, f"unused-{own.number}")
            if st.button("Read it again with these", disabled=not chosen):
                given: dict[str, Any] = dict(loaded.reading)
                given["columns"] = {**given.get("columns", {}), **chosen}
                open_upload(loaded.uploads, given)
                st.rerun()


def _facts(card: Card) -> list[tuple[str, str]]:
    return [
        ("file", card.file),
        ("format", card.adapter),
        ("source", card.source),
        ("licence", card.licence),
        ("snapshot", card.snapshot or "not known"),
        ("rows read", f"{card.n_rows_read:,}"),
        ("SHA-256", card.checksum),
    ]


def _show_audit(own: Opened) -> None:
    """Show the audit of the rows as they stand; of what is not too large it begins by itself."""
    st.subheader("Leaks: what would make a score untrue", anchor=False)
    loaded = own.loaded
    is_whole = _WHOLE in loaded.found or _WHOLE in own.jobs
    work = _work(own, whole=is_whole)
    if not is_whole and _QUICK not in loaded.found and _QUICK not in own.jobs:
        few = len(own.catalog) <= _AT_ONCE
        if few and _SHOWN not in own.found:
            _begin_soon(own)
            return
        begin = few or st.button("Audit it", type="primary", icon=":material/policy:")
    else:
        begin = False
    report = result_of(work, loaded.found, own.jobs, told=loaded.named, begin=begin)
    if report is None and is_whole:
        report = loaded.found.get(_QUICK)
    if report is None:
        st.caption(
            "Leaks are what a model learns that it will not have, or that tells it the answer: "
            "doubles, ids, columns made from popularity."
        )
        return
    _show_report(own, report)


@st.fragment(run_every=_SOON)
def _begin_soon(own: Opened) -> None:
    """Let the page come first: the audit takes all that the machine has."""
    if _SHOWN in own.found:
        st.rerun()
    own.found[_SHOWN] = True
    st.progress(0.0, "Audit")


def _work(own: Opened, *, whole: bool) -> Work:
    loaded = own.loaded
    audit = partial(
        trackoracle.audit_catalog,
        loaded.source,
        columns=loaded.reading.get("columns"),
        encoding=loaded.reading.get("encoding", "utf-8"),
        protocols=whole,
    )
    title = "Quick models under each protocol" if whole else "Audit"
    return Work(_WHOLE if whole else _QUICK, title, lambda progress: audit(progress=progress))


def _show_report(own: Opened, report: AuditReport) -> None:
    counted = [
        f":{_SEVERITIES[s]}-badge[{n} {s}{'' if n == 1 else 's'}]"
        for s in SEVERITIES
        if (n := report.count(s))
    ]
    st.markdown(
        f"{' '.join(counted) or 'Nothing found'} in {report.n_rows:,} rows of the file as they "
        "stand."
    )
    if report.synthetic:
        st.caption("Synthetic: the findings say nothing of real music.")
    for finding in report.findings:
        if finding.severity != "note":
            _show_finding(finding)
    notes = [finding for finding in report.findings if finding.severity == "note"]
    if notes or report.unchecked:
        with st.expander(
            f"{len(notes)} note{'' if len(notes) == 1 else 's'}, and what was not checked",
            icon=":material/notes:",
        ):
            for finding in notes:
                st.markdown(f"{plain(finding.what)} :gray[{plain(finding.evidence)}.]")
            for sentence in report.unchecked:
                st.markdown(f"Not checked: {plain(sentence)}")
    if report.gap:
        _show_gap(own, report.gap)
    elif (
        report.target
        and _WHOLE not in own.jobs
        and st.button(
            "Fit a quick model under each protocol",
            icon=":material/model_training:",
            help="Shows how much of a score is leaks. Takes minutes.",
        )
    ):
        work = _work(own, whole=True)
        result_of(work, own.loaded.found, own.jobs, begin=True)
        st.rerun()
    with st.container(horizontal=True):
        save(
            "The audit (HTML)",
            lambda: audit_report(report).encode(),
            "audit.html",
            own.key("audit"),
        )
        save(
            "The audit (JSON)",
            lambda: to_json(report.to_dict()).encode(),
            "audit.json",
            own.key("audit"),
        )


def _show_finding(finding: AuditFinding) -> None:
    with st.container(border=True, gap="xsmall"):
        st.markdown(
            f":{_SEVERITIES[finding.severity]}-badge[{finding.severity}] **{plain(finding.what)}**"
        )
        examples = f" For example {', '.join(finding.examples)}." if finding.examples else ""
        st.markdown(
            f"{plain(finding.evidence[:1].upper() + finding.evidence[1:])}.:gray[{plain(examples)}]"
        )
        st.caption(plain(finding.fix))


def _show_gap(own: Opened, gap: Gap) -> None:
    name = METRIC_NAMES[gap.metric]
    st.markdown(f"**One quick model under each protocol: {name}**")
    rows = [
        {
            "protocol": one.protocol,
            name: one.scores[gap.metric].value,
            "from": one.scores[gap.metric].low,
            "to": one.scores[gap.metric].high,
            "baseline": one.baseline[gap.metric].value,
            "stands for": one.stands_for,
        }
        for one in gap.protocols
    ]
    number = st.column_config.NumberColumn(format="%.3f")
    config = dict.fromkeys((name, "from", "to", "baseline"), number)
    show_table(pl.DataFrame(rows), "protocols", own.key("gap"), column_config=config)
    rows_of = f" of {gap.n_all:,}, thinned to whole artists" if gap.n_tracks < gap.n_all else ""
    st.caption(f"{gap.model}, {gap.n_tracks:,} rows{rows_of}; 95 % intervals.")
