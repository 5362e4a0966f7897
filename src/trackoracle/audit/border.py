"""The audit of a split: what crosses the border between training and test rows."""

from __future__ import annotations

import time
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.audit.columns import columns_of
from trackoracle.audit.findings import Notebook, by_share, percent
from trackoracle.audit.near_duplicates import near_duplicates
from trackoracle.audit.proxies import check_proxies
from trackoracle.audit.subject import Subject, subject_of
from trackoracle.audit.synthetic import check_synthetic_rows
from trackoracle.catalogs import find_keys
from trackoracle.errors import ConfigError, MissingColumnError
from trackoracle.schema import AuditReport, Catalog, Rows, Severity, Target
from trackoracle.splits import PROTOCOLS

TEST_WORDS = ("test", "testing", "valid", "validation", "val", "eval", "holdout", "1", "true")
MULTIPLIED = 1.5
"""Training copies for each test row that has any: from here rows were oversampled."""
LATER = 0.9
"""Chance that a training row is later than a test row, from which time runs backwards."""
_LEAST_DATED = 20
_FAR_FROM_EACH_OTHER = 1.5
_SPREADS_APART = 0.25
_LEAST_LABELLED = 30
_MIXED = 0.25
_FAR_BEYOND_CHANCE = 4.0


@dataclass(frozen=True)
class _Border:
    """Training and test rows as one subject, which rows are tested on, and who says so."""

    both: Subject
    is_test: NDArray[np.bool_]
    said: str = ""

    @property
    def n_test(self) -> int:
        return int(self.is_test.sum())

    def crossing(self, codes: pl.Series) -> NDArray[np.bool_]:
        """Mark the test rows whose code stands on a training row, too: (n,)."""
        trained_on = codes.filter(pl.Series(~self.is_test)).drop_nulls().unique()
        crossing: NDArray[np.bool_] = codes.is_in(trained_on.implode()).fill_null(False).to_numpy()
        return crossing & self.is_test


def audit_split(
    train: Catalog | str | Path | Rows,
    test: Catalog | str | Path | Rows | None = None,
    *,
    split_column: str | None = None,
    target: Target | None = None,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
) -> AuditReport:
    """Find what a test part shares with the training part.

    Parameters
    ----------
    train, test
        What `load_catalog` takes. The test part may be left out when
    split_column
        names the column of `train` that says which rows are tested on ("test", "val", 1).
    target, columns, encoding
        As for `audit_catalog`.

    Returns
    -------
    AuditReport
        Shares are of the test rows.

    Raises
    ------
    MissingColumnError
        When the split column is not there.
    ConfigError
        When neither a test part nor a split column is given, or one part is empty.

    Examples
    --------
    >>> train = [{"track_id": "a", "popularity": 1}, {"track_id": "b", "popularity": 2}]
    >>> report = audit_split(train, train[1:])
    >>> report.findings[0].code
    'shared_rows'
    """
    start = time.perf_counter()
    notebook = Notebook()
    subject = subject_of(train, target, columns, encoding, notebook)
    if split_column is not None:
        border = _cut(subject, split_column)
    elif test is not None:
        border = _joined(
            subject,
            subject_of(test, subject.target, columns, encoding, notebook, may_lack_target=True),
        )
    else:
        raise ConfigError(
            "audit: expected a test part or a split column, got neither. "
            "Give --test FILE or --split-column COLUMN."
        )
    held = _shared(border, notebook)
    _near(border, notebook)
    _oversampled(border, notebook)
    check_synthetic_rows(border.both, notebook)
    check_proxies(border.both, columns_of(border.both, notebook), notebook)
    _time_order(border, notebook)
    _target_differs(border, notebook)
    _drift(border, notebook)
    _stands_for(border, held, notebook)
    return AuditReport(
        name=border.both.name,
        target=subject.target.name if subject.target else None,
        n_rows=len(border.both),
        findings=notebook.sorted(),
        unchecked=tuple(dict.fromkeys(notebook.unchecked)),
        synthetic=border.both.synthetic,
        seconds=round(time.perf_counter() - start, 2),
    )


def _cut(subject: Subject, column: str) -> _Border:
    if column not in subject.original.columns:
        raise MissingColumnError(
            f"--split-column {column}: expected a column of the source, got "
            f"{', '.join(subject.original.columns)}. Name one of these.",
            column=column,
        )
    said = subject.original[column].cast(pl.String).str.strip_chars().str.to_lowercase()
    is_test = said.is_in(TEST_WORDS).fill_null(False).to_numpy()
    numbered = said.drop_nulls().unique().cast(pl.Float64, strict=False).drop_nulls()
    if is_test.all() or not is_test.any() or numbered.n_unique() > 2:
        found = ", ".join(map(str, said.unique().drop_nulls().head(5)))
        raise ConfigError(
            f"--split-column {column}: expected training rows and rows named one of "
            f"{', '.join(TEST_WORDS)}, got {found}. Rename the test rows."
        )
    names = [
        ", ".join(sorted(set(said.filter(part).fill_null("empty"))))
        for part in (pl.Series(is_test), ~pl.Series(is_test))
    ]
    told = f"; {column}: tested on {names[0]}, trained on {names[1]}"
    return _Border(replace(subject, original=subject.original.drop(column)), is_test, told)


def _joined(train: Subject, test: Subject) -> _Border:
    """Put both parts under one set of keys; columns that one part lacks cannot be compared."""
    shared = [name for name in train.original.columns if name in test.original.columns]
    parts = [_as_text(part.original.select(shared)) for part in (train, test)]
    known = [name for name in train.tracks.columns if name in test.tracks.columns]
    tracks = pl.concat(
        [part.tracks.select(known) for part in (train, test)], how="vertical_relaxed"
    )
    marks = pl.concat([part.marks for part in (train, test)])
    both = Subject(
        name=f"{train.name} -> {test.name}",
        snapshot=train.snapshot,
        synthetic=train.synthetic or test.synthetic,
        original=pl.concat(parts),
        tracks=tracks,
        theirs={name: theirs for name, theirs in train.theirs.items() if theirs in shared},
        marks=marks,
        keys=find_keys(tracks, marks),
        findings=(),
        target=train.target,
        values=np.concatenate([train.values, test.values]),
    )
    return _Border(both, np.repeat([False, True], [len(train), len(test)]))


def _as_text(rows: pl.DataFrame) -> pl.DataFrame:
    """Write all values as text, lists as the catalog formats do, so that files compare."""
    lists = [name for name, dtype in rows.schema.items() if isinstance(dtype, pl.List)]
    flat = rows.with_columns(pl.col(lists).cast(pl.List(pl.String)).list.join(";"))
    return flat.cast(pl.String)


def _shared(border: _Border, notebook: Notebook) -> dict[str, bool]:
    """Report what crosses; return for each key whether the split holds it out."""
    both, keys = border.both, border.both.keys
    together = "Move all rows of a recording to one side, as the folds of catalog do."
    for code, codes, what in (
        ("shared_rows", both.row_hashes, "every column"),
        ("shared_ids", both.marks["id_mark"], "their track id"),
        ("shared_titles", both.marks["title_mark"], "title and credits"),
        ("shared_audio", both.marks["audio_mark"], "their audio vector"),
    ):
        _add(border, code, border.crossing(codes), what, None, together, notebook)
    albums, artists = border.crossing(pl.Series(keys.album)), _crossing_artists(border)
    known = "Hold out by {0}, or say beside the score that the {0} is known."
    _add(border, "shared_albums", albums, "an album", "warning", known.format("album"), notebook)
    _add(
        border, "shared_artists", artists, "an artist", "warning", known.format("artist"), notebook
    )
    for name, is_named in (("artists", keys.has_artists), ("albums", keys.has_albums)):
        if not is_named:
            notebook.unchecked.append(f"Shared {name}: no {name} are named.")
    return {
        "row": True,
        "recording": not border.crossing(pl.Series(keys.recording)).any(),
        "album": not albums.any(),
        "artist": not artists.any(),
    }


def _crossing_artists(border: _Border) -> NDArray[np.bool_]:
    """Mark the test rows that credit anyone of a training row: (n,)."""
    artists = border.both.keys.artists
    credits, is_test = artists.values, border.is_test[artists.rows]
    trained_on = np.isin(credits, credits[~is_test])
    crossing = np.zeros(len(border.both), bool)
    crossing[artists.rows[trained_on & is_test]] = True
    return crossing


def _add(
    border: _Border,
    code: str,
    rows: NDArray[np.bool_],
    what: str,
    severity: Severity | None,
    fix: str,
    notebook: Notebook,
) -> None:
    n = int(rows.sum())
    notebook.add(
        code,
        severity or by_share(n, border.n_test),
        n,
        f"Test rows share {what} with a training row.",
        evidence=f"{n:,} of {border.n_test:,} test rows ({percent(n, border.n_test)})",
        examples=_places(border, rows),
        fix=fix,
    )


def _places(border: _Border, rows: NDArray[np.bool_]) -> tuple[str, ...]:
    """Number rows within the test part."""
    place = np.cumsum(border.is_test)
    return tuple(f"test row {place[i]}" for i in np.flatnonzero(rows)[:3])


def _near(border: _Border, notebook: Notebook) -> None:
    pairs = near_duplicates(border.both, notebook)
    crosses = border.is_test[pairs[:, 0]] != border.is_test[pairs[:, 1]]
    rows = np.zeros(len(border.both), bool)
    rows[pairs[crosses].ravel()] = True
    rows &= border.is_test
    _add(border, "shared_near_duplicates", rows, "nearly their sound or title", None,
         "Drop one of each pair, or hold out by artist.", notebook)  # fmt: skip


def _oversampled(border: _Border, notebook: Notebook) -> None:
    """Count the copies of test rows among the training rows."""
    hashes = border.both.row_hashes
    counted = (
        pl.DataFrame({"hash": hashes, "is_test": border.is_test})
        .group_by("hash")
        .agg(pl.col("is_test").sum().alias("test"), (~pl.col("is_test")).sum().alias("train"))
        .filter((pl.col("test") > 0) & (pl.col("train") > 0))
    )
    if counted.is_empty():
        return
    copies = float(counted["train"].sum()) / len(counted)
    many = copies >= MULTIPLIED
    n = int(counted["test"].sum())
    # A few repeated rows are duplicates; oversampling multiplies many.
    n = n if many and by_share(n, border.n_test) == "error" else 0
    notebook.add(
        "oversampled_across",
        "error",
        n,
        "Rows were multiplied before the split: copies of test rows are trained on.",
        evidence=f"{copies:.1f} training copies for each of {len(counted):,} test rows",
        fix="Split first; oversample inside the training part only.",
    )


def _time_order(border: _Border, notebook: Notebook) -> None:
    both = border.both
    if both.has("release_date"):
        when = both.tracks["release_date"].to_physical().cast(pl.Float64).fill_null(np.nan)
    elif both.has("year"):
        when = both.tracks["year"].cast(pl.Float64).fill_null(np.nan)
    else:
        notebook.unchecked.append("Order in time: the source has no release dates.")
        return
    days = when.to_numpy()
    known = ~np.isnan(days)
    test, train = days[known & border.is_test], np.sort(days[known & ~border.is_test])
    if min(len(test), len(train)) < _LEAST_DATED:
        return
    below = np.searchsorted(train, test, "left") + np.searchsorted(train, test, "right")
    later = 1 - float(below.mean()) / (2 * len(train))
    backwards = later >= LATER
    newer = 1 - float(np.searchsorted(train, np.median(test), "right")) / len(train)
    notebook.add(
        "time_is_mixed",
        "note",
        round(newer * len(train)) if newer >= _MIXED and not backwards else 0,
        "Training rows are newer than most test rows: the score forecasts nothing.",
        evidence=f"{percent(newer, 1)} of the training rows are later than the median test row",
        fix="To forecast, test on the later releases (protocol future).",
    )
    notebook.add(
        "time_runs_backwards",
        "error",
        len(test) if backwards else 0,
        "The training rows were released after the test rows: what is judged was long known.",
        evidence=f"a training row is the later of the two in {percent(later, 1)} of all pairs",
        fix="Test on the later releases (protocol future).",
    )


def _target_differs(border: _Border, notebook: Notebook) -> None:
    """Compare the targets of both parts: shares of hits, or mean points."""
    both = border.both
    train, test = (both.values[both.labelled & part] for part in (~border.is_test, border.is_test))
    if both.target is None or min(len(train), len(test)) < _LEAST_LABELLED:
        return
    means = float(train.mean()), float(test.mean())
    apart = abs(means[1] - means[0])
    spread = float(both.values[both.labelled].std())
    beyond = apart > _FAR_BEYOND_CHANCE * spread * np.sqrt(1 / len(train) + 1 / len(test))
    if both.is_binary:
        far = beyond and max(means) > _FAR_FROM_EACH_OTHER * min(means)
        said = [percent(mean, 1) for mean in means]
        what = "Hits are not as frequent in the test rows as in the training rows."
    else:
        far = beyond and apart > _SPREADS_APART * spread
        said = [f"{mean:.1f} points" for mean in means]
        what = f"The {both.target.name} of the test rows is another than that of the training rows."
    notebook.add(
        "target_differs",
        "warning",
        len(test) if far else 0,
        what,
        evidence=f"{said[0]} in the training rows, {said[1]} in the test rows",
        fix="Draw both parts from one catalog and snapshot; balance training parts only.",
    )


def _drift(border: _Border, notebook: Notebook) -> None:
    """Compare the targets of ids that stand on both sides."""
    both = border.both
    if both.target is None or not both.has("track_id"):
        return
    table = pl.DataFrame(
        {"id": both.tracks["track_id"], "value": both.values, "test": border.is_test}
    ).filter(pl.col("id").is_not_null() & pl.Series(both.labelled))
    train, test = (
        table.filter(pl.col("test") == part).group_by("id").agg(pl.col("value").first())
        for part in (False, True)
    )
    shared = train.join(test, on="id", suffix="_test")
    if len(shared) < _LEAST_DATED:
        return
    a, b = shared["value"].to_numpy(), shared["value_test"].to_numpy()
    alike = float(np.corrcoef(a, b)[0, 1]) if a.std() > 0 and b.std() > 0 else 1.0
    moved = float((b - a).mean())
    drifted = alike < 0.99 or abs(moved) >= 1
    notebook.add(
        "snapshot_drift",
        "warning",
        len(shared) if drifted else 0,
        f"Shared ids have another {both.target.name} on the other side: it was read at another "
        "date.",
        evidence=f"{len(shared):,} shared ids, correlation {alike:.2f}, mean difference "
        f"{moved:+.1f}",
        fix="Drop shared ids, and compare only scores of one snapshot.",
    )


def _stands_for(border: _Border, held: dict[str, bool], notebook: Notebook) -> None:
    """Say which protocol the split is."""
    order = [PROTOCOLS[name] for name in ("new_artist", "known_artist", "catalog", "random")]
    tells = {"artist": border.both.keys.has_artists, "album": border.both.keys.has_albums}
    for protocol in order:
        needed = [key for key in protocol.held_out if tells.get(key, True)]
        if all(held[key] for key in needed) and tells.get(protocol.group, True):
            notebook.add(
                "stands_for",
                "note",
                1,
                f"This split is of the protocol {protocol.name}: {protocol.stands_for}.",
                evidence=f"{border.n_test:,} test rows of {len(border.both):,}; held out together: "
                f"{', '.join(needed) or 'nothing'}{border.said}",
                fix="Quote the protocol beside every score of this split.",
            )
            return
