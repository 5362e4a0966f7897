"""A catalog becomes a report: every section's numbers, one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from trackoracle.audit import audit_catalog
from trackoracle.catalogs import load_catalog
from trackoracle.exploration.correlations import correlations_of
from trackoracle.exploration.densities import against_of, moods_of, pairs_of
from trackoracle.exploration.genres import genres_of
from trackoracle.exploration.names import names_of
from trackoracle.exploration.questions import comparisons_of
from trackoracle.exploration.results import Audited, CatalogReport
from trackoracle.exploration.seen import Seen
from trackoracle.exploration.targets import along_of, feature_of, levels_of, target_of
from trackoracle.exploration.times import times_of
from trackoracle.schema import Catalog, Rows
from trackoracle.training import Progress, silent

MOST_AUDITED = 200_000
"""A source of more rows is audited by a sample of whole artists."""
SAMPLED = 100_000
_ALONG = ("duration", "tempo")


def explore(
    source: Catalog | str | Path | Rows,
    *,
    columns: Mapping[str, str] | None = None,
    encoding: str = "utf-8",
    audit: bool = True,
    seed: int = 0,
    progress: Progress = silent,
) -> CatalogReport:
    """Describe a catalog: quality, popularity, features, genres, moods, names, times, tests.

    Every number is of all tracks; only the audit of a source of more than 200,000 rows is of a
    sample of whole artists, and says so. Intervals are of 95 % and take the tracks of an artist
    together.

    Parameters
    ----------
    source
        What `load_catalog` takes. Of a file the audit reads the rows as they stand, of a
        loaded catalog the rows after its repairs.
    columns, encoding
        As for `load_catalog`; impossible values are taken as missing.
    audit
        Whether to look for leaks; without the models under each protocol, which take minutes.
    seed
        For the sample and the shuffles of the audit.
    progress
        Called with steps done, steps in all, and what was done last.

    Raises
    ------
    SourceError
        When the source cannot be read.

    Examples
    --------
    >>> import trackoracle as to
    >>> report = to.explore(to.load_catalog("sample"), audit=False)
    >>> "energy" in report.correlations.columns
    True
    """
    steps = _Steps(progress)
    catalog = (
        source
        if isinstance(source, Catalog)
        else load_catalog(source, columns=columns, encoding=encoding, on_invalid="null")
    )
    steps.done("loaded")
    audited = _audited(source, catalog, columns, encoding, seed) if audit else None
    steps.done("audited")
    seen = Seen.of(catalog)
    target = target_of(seen, audited)
    features = tuple(feature_of(seen, name) for name in seen.numbers)
    levels = tuple(levels_of(seen, name) for name in seen.levels)
    steps.done("columns")
    correlations = correlations_of(seen)
    pairs = pairs_of(seen, correlations)
    steps.done("correlations")
    genres = genres_of(seen)
    moods = moods_of(seen)
    steps.done("genres and moods")
    drawn = [name for name in _ALONG if name in seen.numbers]
    along, against = [along_of(seen, n) for n in drawn], [against_of(seen, n) for n in drawn]
    names, times = names_of(seen), times_of(seen)
    steps.done("names and times")
    tests = comparisons_of(seen)
    steps.done("tests")
    missing = catalog.tracks.null_count().row(0) if len(catalog) else ()
    return CatalogReport(
        card=catalog.card,
        columns=tuple(zip(catalog.tracks.columns, missing, strict=True)),
        n_genres=_n_genres(catalog),
        audited=audited,
        target=target,
        features=features,
        levels=levels,
        correlations=correlations,
        pairs=pairs,
        along=tuple(a for a in along if a is not None),
        against=tuple(a for a in against if a is not None),
        genres=genres,
        moods=moods,
        names=names,
        times=times,
        tests=tests,
    )


class _Steps:
    """Counts the steps of a report."""

    n_all = 7

    def __init__(self, progress: Progress) -> None:
        self.progress, self.n_done = progress, 0

    def done(self, what: str) -> None:
        self.n_done += 1
        self.progress(self.n_done, self.n_all, what)


def _n_genres(catalog: Catalog) -> int:
    if "genres" not in catalog.tracks.columns:
        return 0
    return catalog.tracks["genres"].explode().drop_nulls().n_unique()


def _audited(
    source: Catalog | str | Path | Rows,
    catalog: Catalog,
    columns: Mapping[str, str] | None,
    encoding: str,
    seed: int,
) -> Audited:
    """Audit the source as it stands, or of many rows a sample of whole artists."""
    if catalog.card.n_rows_read <= MOST_AUDITED:
        found = audit_catalog(
            source, columns=columns, encoding=encoding, protocols=False, seed=seed
        )
        return Audited(found, False, len(catalog))
    part = catalog.take(_whole_artists(catalog, seed))
    return Audited(audit_catalog(part, protocols=False, seed=seed), True, len(part))


def _whole_artists(catalog: Catalog, seed: int) -> NDArray[np.int64]:
    """Return the rows of some `SAMPLED` tracks by artists drawn at random."""
    codes = catalog.keys.first_artist
    drawn = np.random.default_rng(seed).permutation(int(codes.max()) + 1)
    sizes = np.bincount(codes)[drawn]
    chosen = drawn[: int(np.searchsorted(np.cumsum(sizes), SAMPLED)) + 1]
    mask = np.zeros(len(drawn), bool)
    mask[chosen] = True
    return np.flatnonzero(mask[codes])
