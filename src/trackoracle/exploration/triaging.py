"""Triage: which tracks of a catalog deserve a listen.

Every recording is one line, by its most popular release: a release that nobody plays, of a
recording that is played elsewhere, is no hidden gem. Tracks that the oracle was trained on are
left out where its answer orders the list, since it has seen how popular they are.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.catalogs import load_catalog, load_tracks
from trackoracle.errors import ConfigError, NotEnoughDataError, SeenTracksError, SourceError
from trackoracle.exploration.worth import LEAST_JUDGED, gems_worth, likeness_worth
from trackoracle.neighbours import MOST_WANTED, Neighbours, Wish
from trackoracle.oracle import SEEN_UNKNOWN, SOME_SEEN, same_source
from trackoracle.schema import (
    Card,
    Catalog,
    Hit,
    Popularity,
    Rows,
    Triage,
    TriageBy,
    TriagedTrack,
    Worth,
)

if TYPE_CHECKING:
    from trackoracle.oracle import Oracle

Places = NDArray[np.int64]
Values = NDArray[np.float64]

MOST_REFERENCES = 1_000
CURSE = (
    "Some stand high because they are better than they are known, others because the oracle is "
    "wrong about them: a list of the largest differences gathers its largest errors, too."
)
MAYBE_SEEN = (
    "This holds only of tracks that the oracle has not learned from, and it keeps no list of those "
    "that it has."
)
NOT_TOLD = ", so what the list is worth is not told"
NONE_FOUND = "No track meets the list's condition: it is empty."
TOO_FEW = (
    "What the list is worth is not told: the oracle has not seen {n:,} recordings whose popularity "
    "is known, and {least} would be needed."
)
NO_MEASURE = "Novelty is no merit: there is nothing that such a list could be held to."
_TEXTS = ("track_id", "known", "estimated", "warning")


@dataclass(frozen=True, eq=False)
class _Ranked:
    """Rows of the catalog in the order of a list, with what orders each."""

    rows: Places
    values: Values
    references: tuple[str | None, ...]
    n_ranked: int
    worth: Worth | None
    notes: tuple[str, ...] = ()
    untold: str = ""


def triage(
    oracle: Oracle,
    catalog: Catalog | str | Path | Rows,
    *,
    by: TriageBy = "gems",
    references: Rows | str | Path | None = None,
    n: int = 50,
    level: float = 0.9,
) -> Triage:
    """Rank the recordings of a catalog, those most worth a listen first.

    Parameters
    ----------
    oracle
        Of popularity or hits.
    catalog
        A catalog, or what `load_catalog` takes.
    by
        `"gems"`: by how far the prediction lies above the popularity of today, where it does (of
        an oracle of hits: by the probability of one, among those that are none). `"novelty"`: by
        how unlike the training tracks they sound. `"likeness"`: by the distance from the nearest
        reference.
    references
        For likeness: at most 1,000 tracks; a file, a frame, mappings. Their own recordings are
        not in the list.
    n
        Tracks wanted.
    level
        Of the intervals.

    Returns
    -------
    Triage
        `worth` tells what is known of such a list: of gems, the share of really popular tracks
        among as many that are predicted highest; of likeness, how many references come up in the
        list of the others. That of gems is told of tracks that the oracle has not seen. An oracle
        that keeps no hashes of those that it has (the starter oracle) says so in `worth.caveat`,
        and tells none of the file that it learned from, or of one in its published form.

    Raises
    ------
    SeenTracksError
        When the oracle was trained on every track.
    NotEnoughDataError
        For gems, when no track tells its popularity.
    ConfigError
        On an oracle of tiers, or one that has no measure of novelty; on wishes that cannot be.
    SourceError
        On references that cannot be compared.

    Examples
    --------
    >>> import trackoracle as to
    >>> listed = triage(to.load_oracle(), "sample", n=3)
    >>> first = listed.tracks[0]
    >>> round(first.prediction["popularity"] - first.observed - first.value, 6), listed.worth.k
    (0.0, 3)
    """
    _check(oracle, by, references, n)
    if not isinstance(catalog, Catalog):
        catalog = load_catalog(catalog)
    seen = oracle.bundle.seen.has(catalog.tracks)
    recording = catalog.keys.recording
    of_seen = np.isin(recording, recording[seen])
    observed = _observed(oracle, catalog)
    if by == "likeness":
        ranked = _by_likeness(catalog, references, n)
        n_seen = int(of_seen[ranked.rows].sum())
        more = (SOME_SEEN.format(n=n_seen),) if n_seen else ()
    else:
        rows = _one_a_recording(catalog, observed, ~of_seen)
        if not len(rows):
            raise SeenTracksError(
                f"triage: expected tracks that the oracle has not seen, got {len(catalog):,} that "
                "it was trained on. Train it on another catalog, or rank --by likeness.",
                n_seen=len(catalog),
            )
        order = _by_gems if by == "gems" else _by_novelty
        ranked = order(oracle, catalog, rows, observed, n)
        more = () if len(ranked.rows) else (NONE_FOUND,)
    ranked = replace(ranked, notes=(*ranked.notes, *more))
    if not oracle.bundle.seen.is_kept:
        ranked = _of_maybe_seen(oracle.bundle.catalog, catalog.card, by, ranked)
    return Triage(
        by=by,
        target=oracle.target.name,
        level=level,
        n_tracks=len(catalog),
        n_seen=int(of_seen.sum()),
        n_ranked=ranked.n_ranked,
        tracks=_told(oracle, catalog, ranked, observed, level),
        worth=ranked.worth,
        notes=ranked.notes,
        untold=ranked.untold,
    )


def _of_maybe_seen(learned: Card, card: Card, by: TriageBy, ranked: _Ranked) -> _Ranked:
    """Return a list as an oracle can tell it that keeps no hashes of what it learned from.

    Parameters
    ----------
    learned, card
        Of what it learned from, and of what is ranked.
    """
    said = same_source(learned, card, NOT_TOLD if by == "gems" else "")
    if said and by == "gems":
        return replace(ranked, worth=None, untold=said)
    if said:
        # What held out references say of likeness is true, whatever the oracle saw.
        return replace(ranked, notes=(said, *ranked.notes))
    if by == "likeness":
        return ranked
    if ranked.worth is None:
        return replace(ranked, notes=(*ranked.notes, SEEN_UNKNOWN))
    return replace(ranked, worth=replace(ranked.worth, among="recordings", caveat=MAYBE_SEEN))


def _check(oracle: Oracle, by: str, references: Any, n: int) -> None:
    if by not in get_args(TriageBy):
        raise ConfigError(
            f"by: expected {', '.join(get_args(TriageBy))}, got {by!r}. Choose one of them."
        )
    if not 1 <= n <= MOST_WANTED:
        raise ConfigError(f"n: expected 1 to {MOST_WANTED:,} tracks, got {n:,}. Try 50.")
    if (references is not None) != (by == "likeness"):
        raise ConfigError(
            "references: expected for likeness, and for nothing else. Give references and "
            'by="likeness" (--reference FILE --by likeness) together.'
        )
    if by == "gems" and not isinstance(oracle.target, Popularity | Hit):
        raise ConfigError(
            f"triage: expected an oracle of popularity or hits, got one of {oracle.target.name}. "
            "Train another."
        )
    if by == "novelty" and oracle.bundle.novelty is None:
        raise ConfigError(
            "triage: expected an oracle with a measure of novelty, got one without (trained on "
            "few tracks, or by an earlier version). Train it anew on 1,000 tracks or more."
        )


def _observed(oracle: Oracle, catalog: Catalog) -> Values:
    """Return what is known of each track's popularity, or hit: (n,), NaN where nothing is."""
    column = "hit" if oracle.target.name == "hit" else "popularity"
    if column == "hit" and isinstance(oracle.target, Hit) and oracle.target.above is not None:
        column = "popularity"
    if column not in catalog.tracks.columns:
        return np.full(len(catalog), np.nan)
    return np.asarray(oracle.target.values(catalog.tracks), np.float64)


def _one_a_recording(catalog: Catalog, observed: Values, wanted: NDArray[np.bool_]) -> Places:
    """Return a row for each recording of which every release is wanted: the most popular one."""
    rows = np.flatnonzero(wanted)
    order = np.lexsort((rows, -np.nan_to_num(observed[rows], nan=-1.0)))
    first = np.unique(catalog.keys.recording[rows[order]], return_index=True)[1]
    return np.sort(rows[order][first])


def _by_gems(oracle: Oracle, catalog: Catalog, rows: Places, observed: Values, n: int) -> _Ranked:
    rows = rows[~np.isnan(observed[rows])]
    if not len(rows):
        raise NotEnoughDataError(
            "triage: expected tracks with a known popularity to compare with, got none. Rank "
            "--by novelty or likeness, or sort what predict answers."
        )
    hits = isinstance(oracle.target, Hit)
    predicted = _predicted(oracle, catalog.tracks[rows], "p_hit" if hits else "popularity")
    now = observed[rows]
    values = np.where(now > 0, -np.inf, predicted) if hits else predicted - now
    worth = gems_worth(now, predicted, catalog.keys.first_artist[rows], n, hits=hits)
    few = TOO_FEW.format(n=len(rows), least=LEAST_JUDGED) if len(rows) < LEAST_JUDGED else ""
    order = np.lexsort((rows, -values))[:n]
    order = order[values[order] > 0]
    listed = tuple(None for _ in order)
    return _Ranked(rows[order], values[order], listed, len(rows), worth, (CURSE,), few)


def _predicted(oracle: Oracle, tracks: pl.DataFrame, column: str) -> Values:
    return np.asarray(oracle.predict(tracks)[column].to_numpy(), np.float64)


def _by_novelty(
    oracle: Oracle, catalog: Catalog, rows: Places, observed: Values, n: int
) -> _Ranked:
    novelty = oracle.bundle.novelty
    assert novelty is not None
    shares = novelty.of(oracle.check(catalog.tracks[rows]).tracks)
    known = ~np.isnan(shares)
    rows, shares = rows[known], shares[known]
    order = np.lexsort((rows, -shares))[:n]
    listed = tuple(None for _ in order)
    return _Ranked(rows[order], shares[order], listed, len(rows), None, (NO_MEASURE,))


def _by_likeness(catalog: Catalog, references: Any, n: int) -> _Ranked:
    given = load_tracks(references)
    if not 1 <= len(given) <= MOST_REFERENCES:
        raise SourceError(
            f"references: expected 1 to {MOST_REFERENCES:,} tracks, got {len(given):,}. Give fewer."
        )
    index = Neighbours.of(catalog)
    own = [index.marks.recordings_of(given[i : i + 1]) for i in range(len(given))]
    left_out = np.unique(np.concatenate(own))
    k = min(n + len(left_out), MOST_WANTED)
    found = [index.near(given[i : i + 1], Wish(k=k)) for i in range(len(given))]
    rows = np.concatenate([one.rows for one in found]).astype(np.int64)
    values = np.concatenate([one.distance for one in found])
    of = np.repeat(np.arange(len(found)), [len(one.rows) for one in found])
    other = ~np.isin(index.recording[rows], left_out)
    rows, values, of = rows[other], values[other], of[other]
    order = np.lexsort((rows, values))
    first = np.sort(np.unique(index.recording[rows[order]], return_index=True)[1])[:n]
    order = order[first]
    names = _reference_names(given)
    worth, notes = likeness_worth(index, given, own, n)
    return _Ranked(
        rows[order], values[order], tuple(names[i] for i in of[order]),
        len(np.unique(index.recording)) - len(left_out), worth, notes,
    )  # fmt: skip


def _reference_names(given: pl.DataFrame) -> list[str]:
    ways = [given[name].to_list() for name in ("track_name", "track_id") if name in given.columns]
    return [
        next((str(way[i]) for way in ways if way[i] is not None), f"row {i + 1}")
        for i in range(len(given))
    ]


def _told(
    oracle: Oracle, catalog: Catalog, ranked: _Ranked, observed: Values, level: float
) -> tuple[TriagedTrack, ...]:
    tracks = catalog.tracks[ranked.rows]
    answers = oracle.predict(tracks, level=level).to_dicts()
    return tuple(
        TriagedTrack(
            rank=i + 1,
            row=int(row) + 1,
            track=str(row + 1 if facts.get("track_id") is None else facts["track_id"]),
            track_name=facts.get("track_name"),
            artists=tuple(facts.get("artists") or ()),
            genres=tuple(facts.get("genres") or ()),
            observed=None if np.isnan(observed[row]) else float(observed[row]),
            prediction={name: value for name, value in answer.items() if name not in _TEXTS},
            value=float(ranked.values[i]),
            reference=ranked.references[i],
            warning=answer["warning"],
        )
        for i, (row, facts, answer) in enumerate(
            zip(ranked.rows, tracks.to_dicts(), answers, strict=True)
        )
    )
