"""Rows that are one recording: equal rows, ids, titles, audio vectors; and labels that disagree."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audit.findings import Notebook, by_share, percent, row_numbers
from trackoracle.audit.subject import Subject
from trackoracle.catalogs import LEAST_DISTINCT

LEAST_MULTIPLIED = 4.0
"""One label's rows repeat so many times as often as the other's: it was oversampled."""
POINTS_APART = 10.0
"""Releases of one recording that differ by more points than this contradict one another.

Popularity of the same tracks read two years apart differs by about this much (correlation .84
at a spread of 20 points).
"""
_SPLIT = "Hold out by recording (protocol catalog or stricter); load_catalog merges ids."


def check_duplicates(subject: Subject, notebook: Notebook) -> None:
    """Look for rows that repeat one another."""
    _exact_rows(subject, notebook)
    _repeated_ids(subject, notebook)
    _same_title(subject, notebook)
    _identical_audio(subject, notebook)
    _contradictory_labels(subject, notebook)


def _exact_rows(subject: Subject, notebook: Notebook) -> None:
    hashes = subject.row_hashes
    repeated = hashes.is_duplicated().to_numpy() & ~hashes.is_first_distinct().to_numpy()
    n = int(repeated.sum())
    notebook.add(
        "exact_duplicates",
        by_share(n, len(subject)),
        n,
        "Rows equal another row in every column.",
        evidence=f"{n:,} of {len(subject):,} rows ({percent(n, len(subject))})",
        examples=row_numbers(np.flatnonzero(repeated)),
        fix="Drop them before any split; trackoracle check -o writes the catalog without them.",
    )
    _oversampled(subject, repeated, notebook)


def _oversampled(subject: Subject, repeated: NDArray[np.bool_], notebook: Notebook) -> None:
    """Compare how often the rows of either label repeat."""
    if not subject.is_binary or not repeated.any():
        return
    hits, misses = subject.values == 1, subject.values == 0
    shares = [float(repeated[part].mean()) if part.any() else 0.0 for part in (hits, misses)]
    low, high = min(shares), max(shares)
    # At least a twentieth of one label, or the ratio of two small counts means nothing.
    if high < 0.05 or high < LEAST_MULTIPLIED * low:
        return
    label = "hits" if shares[0] == high else "misses"
    n = int((repeated & (hits if label == "hits" else misses)).sum())
    notebook.add(
        "oversampled_rows",
        "error",
        n,
        f"The {label} were multiplied: copies of one row will stand on both sides of a split.",
        evidence=f"{percent(high, 1)} of the {label} repeat another row, {percent(low, 1)} of the "
        "others",
        fix="Split first; oversample inside the training part only.",
    )


def _repeated_ids(subject: Subject, notebook: Notebook) -> None:
    if not subject.has("track_id"):
        notebook.unchecked.append("Repeated ids: the source has no track ids.")
        return
    ids = subject.tracks["track_id"]
    several = (ids.is_duplicated() & ids.is_not_null()).to_numpy()
    n_rows, n_ids = int(several.sum()), ids.filter(several).n_unique()
    n_known = ids.n_unique() - (ids.null_count() > 0)
    extra = n_rows - n_ids
    notebook.add(
        "repeated_ids",
        by_share(extra, len(subject)),
        n_ids,
        "Track ids stand in several rows.",
        evidence=f"{n_ids:,} of {n_known:,} ids stand in {n_rows:,} of {len(subject):,} rows",
        examples=_examples(ids, several),
        fix=_SPLIT,
    )
    _ids_with_several_values(subject, several, notebook)


def _ids_with_several_values(
    subject: Subject, several: NDArray[np.bool_], notebook: Notebook
) -> None:
    if subject.target is None or not several.any():
        return
    name = subject.target.name
    ids, disagree = _disagreeing(subject, subject.tracks["track_id"], several, 0.0)
    label = "both labels" if subject.is_binary else f"more than one {name}"
    notebook.add(
        f"ids_with_several_{name}_values",
        by_share(disagree, len(subject)),
        len(ids),
        f"Track ids have {label}.",
        evidence=f"{len(ids):,} ids in {disagree:,} rows",
        examples=tuple(map(str, ids.head(3))),
        fix="Find out which value is true; until then the first row's is used.",
    )


def _disagreeing(
    subject: Subject, groups: pl.Series, rows: NDArray[np.bool_], apart: float
) -> tuple[pl.Series, int]:
    """Return the groups whose targets lie further apart, and the number of their rows."""
    table = pl.DataFrame({"group": groups, "value": subject.values}).filter(
        pl.Series(rows & subject.labelled) & pl.col("group").is_not_null()
    )
    spread = (
        table.group_by("group", maintain_order=True)
        .agg(pl.col("value").max() - pl.col("value").min(), pl.len().alias("n"))
        .filter(pl.col("value") > apart)
    )
    return spread["group"], int(spread["n"].sum())


def _same_title(subject: Subject, notebook: Notebook) -> None:
    if not subject.has("track_name", "artists"):
        notebook.unchecked.append("Titles and credits: the source lacks titles or artists.")
        return
    _shared_mark(
        subject,
        "title_mark",
        "same_title_and_credits",
        "Rows of different ids have the same title and credits.",
        notebook,
    )


def _identical_audio(subject: Subject, notebook: Notebook) -> None:
    marks = subject.marks["audio_mark"]
    known = marks.drop_nulls()
    if known.is_empty():
        notebook.unchecked.append("Audio vectors: the source has fewer than five descriptors.")
        return
    if known.n_unique() < LEAST_DISTINCT * len(known):
        notebook.unchecked.append(
            f"Audio vectors: only {known.n_unique():,} of {len(known):,} differ, so that equal "
            "ones do not tell a recording."
        )
        return
    _shared_mark(
        subject,
        "audio_mark",
        "identical_audio",
        "Rows of different ids have the same audio vector.",
        notebook,
    )


def _shared_mark(subject: Subject, mark: str, code: str, what: str, notebook: Notebook) -> None:
    """Report rows that share a mark beyond sharing an id or being equal rows."""
    marks = subject.marks
    if subject.has("track_id"):
        other = pl.col("track_id").n_unique()
    else:
        marks = marks.with_columns(subject.row_hashes.alias("row"))
        other = pl.col("row").n_unique()
    table = marks.with_columns(
        *([subject.tracks["track_id"]] if subject.has("track_id") else []),
        place=pl.int_range(pl.len()),
    )
    groups = (
        table.filter(pl.col(mark).is_not_null())
        .group_by(mark, maintain_order=True)
        .agg(other.alias("n_different"), pl.len().alias("n"), pl.col("place").first())
        .filter(pl.col("n_different") > 1)
    )
    n_rows = int(groups["n"].sum())
    extra = int((groups["n_different"] - 1).sum())
    notebook.add(
        code,
        by_share(extra, len(subject)),
        extra,
        what,
        evidence=f"{len(groups):,} recordings stand in {n_rows:,} rows, "
        f"{percent(extra, len(subject))} of all rows repeat another",
        examples=row_numbers(groups["place"]),
        fix=_SPLIT,
    )


def _contradictory_labels(subject: Subject, notebook: Notebook) -> None:
    """Compare the labels of one recording's different ids."""
    if subject.target is None:
        return
    recording = pl.Series(subject.keys.recording)
    several = recording.is_duplicated().to_numpy()
    apart = 0.0 if subject.is_binary else POINTS_APART
    groups, n_rows = _disagreeing(subject, recording, several, apart)
    if subject.has("track_id"):
        n_ids = (
            pl.DataFrame({"group": recording, "id": subject.tracks["track_id"]})
            .filter(pl.col("group").is_in(groups.implode()))
            .group_by("group")
            .agg(pl.col("id").n_unique())
        )
        groups = n_ids.filter(pl.col("id") > 1)["group"]
    n_rows = int(recording.is_in(groups.implode()).sum())
    label = "both hit and miss" if subject.is_binary else f"more than {POINTS_APART:g} points apart"
    notebook.add(
        "contradictory_labels",
        # Releases may differ in popularity; a recording cannot be a hit and a miss.
        by_share(n_rows, len(subject)) if subject.is_binary else "warning",
        len(groups),
        f"Releases of one recording are labelled {label}.",
        evidence=f"{len(groups):,} recordings in {n_rows:,} rows",
        fix="Decide on one label a recording, or weight releases 1/n and hold them out together.",
    )


def _examples(values: pl.Series, rows: NDArray[np.bool_]) -> tuple[str, ...]:
    return tuple(str(v) for v in values.filter(rows).unique(maintain_order=True).head(3))
