"""Versions of tracks that a user keeps: side by side, named, taken in hand again, saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import polars as pl
import streamlit as st

from trackoracle.interfaces.web.session import Scenario, session
from trackoracle.interfaces.web.showing import as_csv, show_figure, show_table
from trackoracle.rendering import label, scenarios_figure, shown_value
from trackoracle.schema import CREDIT_SEPARATOR

_NEWS = "version-news"
_LONGEST = 120
"""Letters of a name."""
_WIDTH = 140
"""Pixels of a version's column."""


def keep_version(
    name: str, row: Mapping[str, Any], told: Mapping[str, Any], place: str = ""
) -> None:
    """Keep a version of the track in hand.

    Parameters
    ----------
    told
        What `predict` says of the row, by column.
    place
        Where on the page it is said that it was kept; see `show_news`.
    """
    own = session()
    origin = own.in_hand.origin if own.in_hand is not None else "hand"
    own.scenarios.append(Scenario(name[:_LONGEST], dict(row), dict(told), own.oracle_name, origin))
    own.kept[_NEWS] = (
        place,
        f"Kept as version {len(own.scenarios):,}; versions stand side by side on Change.",
    )


def show_news(place: str) -> None:
    """Say once that a version was kept, where that was asked for."""
    kept = session().kept
    if kept.get(_NEWS, ("", ""))[0] == place:
        st.caption(f":material/bookmark_added: {kept.pop(_NEWS)[1]}")


def show_versions() -> None:
    """Show the versions that the oracle in use answered, beside one another."""
    own = session()
    st.header("Versions kept", anchor=False)
    shown = [one for one in own.scenarios if one.oracle == own.oracle_name]
    if len(shown) < len(own.scenarios):
        n = len(own.scenarios) - len(shown)
        st.caption(f"Kept with other oracles, not shown: {n:,}.")
    if not shown:
        st.caption("None yet. Keep the track, or one of its changes, and compare them here.")
        return
    figure, table = st.columns([0.55, 0.45], gap="large")
    with figure:
        show_figure(scenarios_figure([(one.name, one.answer) for one in shown]), "scenarios")
    with table:
        _show_differences(shown)
    _show_list(shown)


def _show_differences(shown: Sequence[Scenario]) -> None:
    told = differences(shown)
    st.markdown("**What differs**")
    if len(shown) > 1 and len(told):
        # Long names of versions would leave room for one column.
        widths = {head: st.column_config.TextColumn(width=_WIDTH) for head in told.columns[1:]}
        show_table(told, "differences", "differences", column_config=widths)
    else:
        st.caption("Nothing." if len(shown) > 1 else "Keep another version to see it.")


def _show_list(shown: Sequence[Scenario]) -> None:
    """Let versions be named, taken in hand, removed, and saved."""
    with st.expander("Rename, take in hand, remove", icon=":material/edit:"):
        for i, one in enumerate(shown, start=1):
            _show_row(one, i)
    st.download_button(
        "Save all versions (CSV)", lambda: as_csv(versions_table(shown)), "versions.csv",
        icon=":material/download:", on_click="ignore", key="save-versions",
    )  # fmt: skip


def _show_row(one: Scenario, i: int) -> None:
    key = f"version-{i}-{one.name}"
    name, take, remove = st.columns([0.6, 0.22, 0.18], vertical_alignment="bottom")
    name.text_input(
        f"Name of version {i}", one.name, _LONGEST, key=key, on_change=_rename, args=(one, key)
    )
    take.button(
        "Take in hand", key=f"take-{i}", icon=":material/pan_tool_alt:", width="stretch",
        help=f"Ask about version {i} again", on_click=_take, args=(one,),
    )  # fmt: skip
    remove.button(
        "Remove", key=f"remove-{i}", icon=":material/delete:", width="stretch",
        help=f"Remove version {i}", on_click=_remove, args=(one,),
    )  # fmt: skip


def _rename(one: Scenario, key: str) -> None:
    name, own = str(st.session_state[key]).strip(), session()
    if name:
        i = _place(one)
        renamed = Scenario(name, one.row, one.answer, one.oracle, one.origin)
        own.scenarios[i : i + 1] = [renamed]


def _take(one: Scenario) -> None:
    session().take(one.name, one.origin, one.row, notes=("A version that was kept.",))


def _remove(one: Scenario) -> None:
    i = _place(one)
    session().scenarios[i : i + 1] = []


def _place(one: Scenario) -> int:
    """Return where a version stands: another may be its equal."""
    kept = session().scenarios
    return next((i for i, other in enumerate(kept) if other is one), len(kept))


def differences(shown: Sequence[Scenario]) -> pl.DataFrame:
    """Return what differs between versions: a row a column of the track, a column a version.

    Examples
    --------
    >>> one = Scenario("one", {"genres": ["pop"], "tempo": 120.0}, {}, "starter")
    >>> other = Scenario("other", {"genres": ["pop"], "tempo": 100.0}, {}, "starter")
    >>> differences([one, other]).rows()
    [('Tempo', '120 BPM', '100 BPM')]
    """
    names = dict.fromkeys(name for one in shown for name in one.row)
    heads = [f"{i}. {one.name}" for i, one in enumerate(shown, start=1)]
    rows = []
    for name in names:
        values = [_said(name, one.row.get(name)) for one in shown]
        if len(set(values)) > 1:
            rows.append([label(name).capitalize(), *values])
    schema = dict.fromkeys(["Input", *heads], pl.String)
    return pl.DataFrame(rows, schema=schema, orient="row")


def versions_table(shown: Sequence[Scenario]) -> pl.DataFrame:
    """Return versions whole: the track, then what was predicted of it."""
    rows = [
        {"version": one.name, "oracle": one.oracle, **_flat(one.row), **_flat(one.answer)}
        for one in shown
    ]
    return pl.DataFrame(rows, infer_schema_length=None, strict=False)


def _flat(facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: CREDIT_SEPARATOR.join(map(str, value)) if isinstance(value, list | tuple) else value
        for name, value in facts.items()
    }


def _said(name: str, value: Any) -> str:
    flat = _flat({name: value})[name]
    return shown_value(name, flat) if isinstance(flat, str | int | float | None) else str(flat)
