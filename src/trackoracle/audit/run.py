"""The audit of a catalog: every check, in the order of what it costs."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path

import numpy as np

from trackoracle.audit.columns import check_columns, check_dates, check_values, columns_of
from trackoracle.audit.duplicates import check_duplicates
from trackoracle.audit.findings import Notebook
from trackoracle.audit.forms import check_forms
from trackoracle.audit.gap import find_gap
from trackoracle.audit.labels import check_labels
from trackoracle.audit.near_duplicates import check_near_duplicates
from trackoracle.audit.proxies import check_proxies
from trackoracle.audit.subject import Subject, subject_of
from trackoracle.audit.synthetic import check_synthetic_rows
from trackoracle.errors import ConfigError
from trackoracle.schema import AUDIT_NOTE, AuditReport, Catalog, Rows, Target
from trackoracle.settings import Settings
from trackoracle.training import Progress, silent

LEAST_ROWS = 20
"""With fewer labelled rows no question about the target has an answer."""


def audit_catalog(
    source: Catalog | str | Path | Rows,
    *,
    target: Target | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    base_rate: float | None = None,
    protocols: bool = True,
    seed: int = 0,
    n_jobs: int | None = None,
    progress: Progress = silent,
) -> AuditReport:
    """Find what would make a score of a model trained on a catalog untrue.

    Parameters
    ----------
    source
        What `load_catalog` takes. A file is audited as it stands, row by row; a
        loaded catalog after its repairs.
    target
        What is predicted; by default popularity, or else hit, where the source has it.
    columns, encoding
        As for `load_catalog`.
    base_rate
        The true share of hits, where you know it.
    protocols
        Whether to fit a quick model under each protocol, which takes most of the time.
    seed
        For folds and the shuffled target.
    n_jobs
        Fits at a time; by default as many as there are cores.
    progress
        Called with steps done, steps in all, and what was done last.

    Raises
    ------
    SourceError
        When the source cannot be read.
    TargetError
        When the named target is not there.

    Examples
    --------
    >>> import trackoracle as to
    >>> report = to.audit_catalog("sample", protocols=False)
    >>> report.count("error") > 0, report.findings[0].severity
    (True, 'error')
    """
    if base_rate is not None and not 0 < base_rate < 1:
        raise ConfigError(
            f"base_rate: expected above 0 and below 1, got {base_rate:g}. Try 0.03 for 3 %."
        )
    start = time.perf_counter()
    notebook = Notebook()
    subject = subject_of(source, target, columns, encoding, notebook)
    checks: dict[str, Callable[[], None]] = {
        "values and duplicates": partial(_rows, subject, notebook),
        "near duplicates": partial(check_near_duplicates, subject, notebook),
    }
    silence = _silence(subject)
    if silence is None:
        checks["labels"] = partial(check_labels, subject, base_rate, notebook)
        checks["single columns"] = partial(_columns, subject, notebook)
    for i, (name, check) in enumerate(checks.items()):
        check()
        progress(i + 1, len(checks), name)
    gap = None
    if silence:
        notebook.unchecked.append(f"Labels, single columns and protocols: {silence}.")
    elif silence is None and protocols:
        n_jobs = n_jobs or Settings.from_environment().n_jobs
        gap = find_gap(subject, notebook, seed=seed, n_jobs=n_jobs, progress=progress)
    return AuditReport(
        name=subject.name,
        target=subject.target.name if subject.target else None,
        n_rows=len(subject),
        findings=notebook.sorted(),
        unchecked=tuple(notebook.unchecked),
        gap=gap,
        synthetic=subject.synthetic,
        seconds=round(time.perf_counter() - start, 2),
    )


def _rows(subject: Subject, notebook: Notebook) -> None:
    check_values(subject, notebook)
    check_dates(subject, notebook)
    check_duplicates(subject, notebook)
    check_synthetic_rows(subject, notebook)


def _silence(subject: Subject) -> str | None:
    """Say why the target answers nothing; empty where that was said in reading it."""
    if subject.target is None:
        return ""
    known = subject.values[subject.labelled]
    if len(known) < LEAST_ROWS:
        return f"a target is known of {len(known):,} rows only"
    if len(np.unique(known)) < 2:
        return f"the target is {known[0]:g} everywhere"
    return None


def _columns(subject: Subject, notebook: Notebook) -> None:
    columns = columns_of(subject, notebook)
    made = check_proxies(subject, columns, notebook)
    others = [column for column in columns if column.name not in made]
    check_columns(subject, others, notebook)
    check_forms(subject, others, notebook)


SEEN_TO = frozenset(
    {
        "exact_duplicates",
        "repeated_ids",
        "same_title_and_credits",
        "identical_audio",
        "row_order_tells",
    }
)
"""What loading and the protocols see to: it inflates nothing on a leaderboard of ours."""


def leaderboard_notes(report: AuditReport) -> tuple[str, ...]:
    """Return a sentence for each finding that a leaderboard's reader must know."""
    return tuple(
        f"{AUDIT_NOTE}{finding.what} {finding.evidence[0].upper()}{finding.evidence[1:]}."
        for finding in report.findings
        if finding.severity == "error" and finding.code not in SEEN_TO
    )
