"""What weighs in an oracle's answers: long work, done once for all users."""

from __future__ import annotations

from typing import Any

import polars as pl
import streamlit as st

import trackoracle
from trackoracle.interfaces.web.holdings import held
from trackoracle.interfaces.web.jobs import Job, Progress
from trackoracle.interfaces.web.sample import sample_catalog
from trackoracle.interfaces.web.session import session
from trackoracle.interfaces.web.showing import errors_shown, plain, show_figure, show_table
from trackoracle.interfaces.web.working import show_job
from trackoracle.oracle import Oracle
from trackoracle.rendering import importance_figure, importance_rows
from trackoracle.schema import Importance

_JOB = "weighing"


def show_weights(name: str, oracle: Oracle) -> None:
    """Show what weighs in an oracle's answers, once it was measured, or offer to.

    Parameters
    ----------
    name
        Of the oracle.
    """
    job: Job[None] | None = session().kept.get(f"{_JOB}-{name}")
    if name not in held().weighed and job is not None and not show_job(job, "Weighing"):
        return
    found = held().weighed.get(name)
    if found is None:
        _offer(name, oracle)
        return
    show_figure(importance_figure(found), "importance")
    rows = importance_rows(found)
    with st.expander("All features and groups in numbers", icon=":material/table:"):
        show_table(rows, "importance", "importance-rows", column_config=_formats(rows))
    for note in found.notes:
        st.caption(plain(note))


def _offer(name: str, oracle: Oracle) -> None:
    where = "the synthetic sample" if held().catalog == "sample" else "this server's catalog"
    st.markdown(
        f"How far each feature moves the answers, over tracks of {where}, and what is lost when "
        "it is dealt anew. It takes up to some minutes, once for all users."
    )
    if not st.button("Weigh the features", icon=":material/balance:", type="primary"):
        return
    with errors_shown():
        job = held().board.submit(session().label, lambda told: _weigh(name, oracle, told))
        session().kept[f"{_JOB}-{name}"] = job
        st.rerun()


def _weigh(name: str, oracle: Oracle, told: Progress) -> None:
    """Weigh the features for all users, unless another's work did meanwhile."""
    if name in held().weighed:
        return
    source = held().catalog
    catalog = sample_catalog() if source == "sample" else trackoracle.load_catalog(source)
    told.check()
    found: Importance = oracle.importance(catalog, progress=told)
    held().weighed[name] = found


def _formats(rows: pl.DataFrame) -> dict[str, Any]:
    told = rows.select(pl.selectors.float()).columns
    shares = {"share of gain": st.column_config.NumberColumn(format="percent")}
    return {name: st.column_config.NumberColumn(format="%.3f") for name in told} | shares
