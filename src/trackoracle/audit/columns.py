"""Columns that tell too much: golden features, missing values that tell, what came after."""

from __future__ import annotations

import re

import numpy as np
import polars as pl

from trackoracle.audit.findings import Notebook, percent
from trackoracle.audit.single import (
    LABELS,
    STRIKING,
    InputColumn,
    category_column,
    estimate_alone,
    metric_of,
    number_column,
    said,
    score_alone,
    severity_alone,
    text_column,
)
from trackoracle.audit.subject import Subject, Values
from trackoracle.schema import TRACK_COLUMNS, Severity, published_name

_NAMES = ("track_name", "artists", "album_name", "genres")
_IDS = ("track_id", "isrc", "album_id")
_MOST_LEVELS = 0.1
_ONE_TO_ONE = 1.05
_LEAST_SHARE_TYPED = 0.99
_LEAST_MISSING = 0.01
_AFTER = re.compile(
    r"(?:^|_)(?:streams|n_?streams|stream_?count|plays|n_?plays|play_?counts?|views|view_?count|likes"
    r"|like_?count|saves|downloads|sales|units_sold|revenue|royalt(?:y|ies)|shazams?|followers"
    r"|listeners|comments|shares|skip_?rate|engagement|trending|viral|awards?|certifications?"
    r"|(?:weeks?|days)_(?:on|in)_(?:the_)?charts?|charts?(?:_\w+)?|peak(?:_\w+)?|rank(?:ing)?"
    r"|in_\w*(?:playlists|charts)|playlist_(?:count|adds?|reach|followers)|n_playlists"
    r"|artist_popularity|album_popularity)(?:$|_)"
)
TELLS = {"r2": 0.02, "roc_auc": 0.55}
"""Below this a late column does no harm."""
_SLOW_TO_TELL = ("artist_popularity", "artist_followers")


def columns_of(subject: Subject, notebook: Notebook) -> list[InputColumn]:
    """Return the columns that somebody could train on: not the target, not names.

    Of ids the order is looked at: they may have been numbered by the target.
    """
    meant = {theirs: name for name, theirs in subject.theirs.items()}
    aside = subject.target_columns | {subject.theirs.get(name, name) for name in _NAMES}
    found = []
    for name in subject.original.columns:
        if name in aside:
            continue
        own = meant.get(name)
        if own in _IDS:
            rank = subject.tracks[own].rank("dense").cast(pl.Float64).fill_null(np.nan)
            column = number_column(name, rank.to_numpy())
        else:
            # As the schema typed it, where it knows the column: 0 BPM is missing there.
            column = _understood(name, subject.tracks[own] if own else subject.original[name])
        if column.codes.max(initial=0) != column.codes.min(initial=0):
            found.append(column)
    texts = [column.name for column in found if column.kind == "text"]
    if texts:
        notebook.unchecked.append(
            f"Free text, beyond whether there is any: {', '.join(texts[:8])}."
        )
    return found


def _understood(name: str, values: pl.Series) -> InputColumn:
    if values.dtype == pl.String:
        values = values.str.strip_chars().replace("", None)
    known = values.drop_nulls()
    if values.dtype == pl.Boolean:
        values = values.cast(pl.Int8)
    if values.dtype.is_temporal():
        return number_column(name, _days(values), "date")
    if values.dtype.is_numeric():
        return number_column(name, values.cast(pl.Float64).fill_null(np.nan).to_numpy())
    if values.dtype != pl.String or known.is_empty():
        return text_column(name, values)
    least = _LEAST_SHARE_TYPED * len(known)
    numbers = values.cast(pl.Float64, strict=False)
    if numbers.count() >= least:
        return number_column(name, numbers.fill_null(np.nan).to_numpy())
    # A moment is as good as its day.
    days = values.str.slice(0, 10).str.to_date("%Y-%m-%d", strict=False)
    if days.count() >= least:
        return number_column(name, _days(days), "date")
    if known.n_unique() <= max(2, _MOST_LEVELS * len(known)):
        return category_column(name, values)
    return text_column(name, values)


def _days(dates: pl.Series) -> Values:
    return dates.cast(pl.Date).to_physical().cast(pl.Float64).fill_null(np.nan).to_numpy()


def check_columns(subject: Subject, columns: list[InputColumn], notebook: Notebook) -> None:
    """Score each column alone, the presence of its values, and the order of the rows."""
    metric = metric_of(subject)
    for column in columns:
        if column.kind == "text":
            continue
        score = score_alone(subject, column.codes)
        late = _collected_after(column.name)
        if late:
            _note_late(subject, column, score, notebook)
        if score < STRIKING[metric]:
            continue
        estimate = estimate_alone(subject, column.codes)
        severity = severity_alone(estimate, metric)
        if severity is None or (late and severity == "warning"):
            continue
        if _names_a_group(subject, column):
            continue  # the finding about the group says it
        better = "better than an honest model of all columns" if severity == "error" else "well"
        notebook.add(
            "golden_feature",
            severity,
            1,
            f"{column.name} alone tells the target {better}.",
            evidence=f"{said(estimate, metric)} out of fold{_rule(subject, column)}",
            examples=(column.name,),
            fix="Ask when and how it was collected; drop it unless it was there before the target.",
        )
    _missing_values(subject, columns, notebook)
    _row_order(subject, notebook)


def _names_a_group(subject: Subject, column: InputColumn) -> bool:
    """Tell whether a column is another name of the artist, the album or the recording."""
    if column.kind != "category":
        return False
    keys = subject.keys
    n_levels = len(np.unique(column.codes))
    for codes in (keys.first_artist, keys.album, keys.recording):
        n_groups = int(codes.max(initial=0)) + 1
        pairs = len(np.unique(column.codes * n_groups + codes))
        if pairs <= _ONE_TO_ONE * min(n_levels, len(np.unique(codes))):
            return True
    return False


def _rule(subject: Subject, column: InputColumn) -> str:
    """Say what the best threshold on a number alone reaches, for a hit."""
    if not subject.is_binary or column.numbers is None:
        return ""
    rows = subject.labelled & ~np.isnan(column.numbers)
    order = np.argsort(column.numbers[rows], kind="stable")
    numbers, values = column.numbers[rows][order], subject.values[rows][order]
    n, n_hits = len(values), values.sum()
    hits_below = np.concatenate([[0], np.cumsum(values)])
    below = np.arange(n + 1)
    border = np.flatnonzero(numbers[1:] > numbers[:-1]) + 1
    # Calling everything below the border a hit, or everything above it.
    right = hits_below + (n - below) - (n_hits - hits_below)
    right = right[border]
    best_low, best_high = right.max(initial=0), (n - right).max(initial=0)
    sign, place = ("<", right.argmax()) if best_low >= best_high else (">=", right.argmin())
    at = numbers[border[place]]
    accuracy = max(best_low, best_high) / n
    majority = max(n_hits, n - n_hits) / n
    return (
        f"; the rule {column.name} {sign} {at:.3g} alone is right for {percent(accuracy, 1)} "
        f"(always the commoner label: {percent(majority, 1)})"
    )


def _missing_values(subject: Subject, columns: list[InputColumn], notebook: Notebook) -> None:
    metric = metric_of(subject)
    for column in columns:
        share = float(column.is_missing[subject.labelled].mean())
        if not _LEAST_MISSING <= share <= 1 - _LEAST_MISSING:
            continue
        codes = column.is_missing.astype(np.int64)
        if score_alone(subject, codes) < STRIKING[metric]:
            continue
        estimate = estimate_alone(subject, codes)
        severity = severity_alone(estimate, metric)
        if severity is None:
            continue
        notebook.add(
            "missing_values_tell",
            severity,
            int(column.is_missing.sum()),
            f"Whether {column.name} is missing tells the target.",
            evidence=f"{said(estimate, metric)} out of fold, {percent(share, 1)} missing",
            examples=(column.name,),
            fix="Find out why it is missing for one kind of track; fill it for all, or drop it.",
        )


def _row_order(subject: Subject, notebook: Notebook) -> None:
    """Ask whether the place in the file tells the target: sorted, or stacked by label."""
    place = number_column("row", np.arange(len(subject), dtype=np.float64))
    metric = metric_of(subject)
    estimate = estimate_alone(subject, place.codes)
    severity = severity_alone(estimate, metric)
    notebook.add(
        "row_order_tells",
        severity or "note",
        len(subject) if severity else 0,
        "The place of a row in the file tells its target: the file is sorted or stacked.",
        evidence=f"{said(estimate, metric)} out of fold from the row number alone",
        fix="Never use an index column as an input; shuffle before any split by place.",
    )


def _collected_after(name: str) -> bool:
    spelling = re.sub(r"[\s-]+", "_", name.strip().lower())
    return bool(_AFTER.search(published_name(name) or spelling))


def _note_late(subject: Subject, column: InputColumn, score: float, notebook: Notebook) -> None:
    metric = metric_of(subject)
    strong = score >= STRIKING[metric] and published_name(column.name) not in _SLOW_TO_TELL
    severity: Severity = "error" if strong else "warning" if score >= TELLS[metric] else "note"
    notebook.add(
        "collected_after_target",
        severity,
        1,
        f"{column.name} is known only after a release, as the target is.",
        evidence=f"by its name; alone {LABELS[metric]} {score:.3f} out of fold",
        examples=(column.name,),
        fix="Use a value read before the release, or leave the column out.",
    )


def check_dates(subject: Subject, notebook: Notebook) -> None:
    """Look for releases after the popularity was read."""
    if subject.snapshot is None or not subject.has("release_date"):
        return
    # A snapshot is a month or a year: compare as many places as it has.
    released = subject.tracks["release_date"].dt.strftime("%Y-%m-%d")
    late = (released.str.slice(0, len(subject.snapshot)) > subject.snapshot).fill_null(False)
    notebook.add(
        "released_after_snapshot",
        "warning",
        int(late.sum()),
        f"Tracks were released after the popularity was read ({subject.snapshot}).",
        evidence=f"{int(late.sum()):,} of {len(subject):,} rows",
        fix="Check the dates; such a popularity cannot be of this release.",
    )


def check_values(subject: Subject, notebook: Notebook) -> None:
    """Report impossible and unmeasured values, which the loader takes as missing."""
    for finding in subject.findings:
        if finding.action != "nulled":
            continue
        name = finding.code.removeprefix("invalid_").removeprefix("not_measured_")
        unit = TRACK_COLUMNS[name].unit if name in TRACK_COLUMNS else ""
        unmeasured = finding.code.startswith("not_measured")
        notebook.add(
            finding.code,
            "note" if unmeasured or finding.n < _LEAST_MISSING * len(subject) else "warning",
            finding.n,
            f"{name} is 0 where it was not measured."
            if unmeasured
            else f"{name} holds impossible values.",
            evidence=f"{finding.n:,} of {len(subject):,} rows",
            examples=tuple(f"{example} {unit}".strip() for example in finding.examples),
            fix="Take them as missing, as load_catalog does; never as a number.",
        )
