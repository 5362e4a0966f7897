"""Order tracks by what is expected of them: the facade's side of a ranking."""

from __future__ import annotations

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.artifact import Bundle
from trackoracle.distributions import SURE, Distribution, Joint
from trackoracle.errors import ConfigError, SourceError
from trackoracle.explanations import arrange
from trackoracle.oracle.answers import answers, distributions_of, stated_rate, with_prior
from trackoracle.oracle.goals import main_values
from trackoracle.schema import (
    NOTHING,
    TRACK_COLUMNS,
    Contract,
    ContractColumn,
    RankedTrack,
    Ranking,
    Rows,
    Sharing,
    Together,
    album_keys,
    artist_keys,
    as_polars,
    check_tracks,
    recording_marks,
)

MOST_RANKED = 10_000
_TEXTS = ("known", "estimated", "warning")
INDEPENDENT = (
    "This oracle was made by an earlier version and does not know what tracks of one artist share: "
    "their order is told as if they were independent. Train it again."
)
NO_ARTISTS = (
    "Tracks without artists are taken to be of different ones; say so (together, --together) if "
    "they are one artist's or one album's."
)
RELATIONS = ("album", "artist", "strangers")
_IDENTITY = ("track_name", "artists", "album_name")
Codes = NDArray[np.int64]


def rank(
    bundle: Bundle,
    rows: Rows,
    *,
    together: Together | None,
    level: float,
    base_rate: float | None,
    n_jobs: int,
) -> Ranking:
    """Order tracks; see `Oracle.rank`."""
    if not 0 < level < 1:
        raise ConfigError(f"level: expected above 0 and below 1, got {level:g}. Try 0.9.")
    if together not in (None, "artist", "album"):
        raise ConfigError(f"together: expected 'artist' or 'album', got {together!r}. Correct it.")
    base_rate = stated_rate(bundle, base_rate)
    checked = check_tracks(as_polars(rows)[0], with_identity(bundle.contract))
    tracks, n = checked.tracks, len(checked.tracks)
    if not 1 <= n <= MOST_RANKED:
        raise SourceError(
            f"rank: expected 1 to {MOST_RANKED:,} tracks, as of an album, got {n:,}. "
            "Predict a catalog instead, and sort the answers."
        )
    answered = answers(bundle, checked, level, base_rate, n_jobs)
    asked = Distribution.joined(distributions_of(bundle, tracks, n_jobs))
    each = with_prior(bundle, asked, (answered["known"] == "").to_numpy())
    joint, notes = _joint(bundle, each, tracks, together)
    values = main_values(bundle, each, base_rate)
    found = arrange(values, joint.p_better, SURE)
    relation = joint.relation(found.order[:-1], found.order[1:])
    named, titles = _names(tracks), tracks["track_name"]
    numbers = answered.drop(_TEXTS)
    return Ranking(
        target=bundle.target.name,
        unit=bundle.target.unit,
        level=level,
        sure=SURE,
        tracks=tuple(
            RankedTrack(
                rank=place + 1,
                row=row + 1,
                track=named[row],
                answer=numbers.row(row, named=True),
                prediction=float(values[row]),
                p_above_next=float(found.p_next[place]) if place + 1 < n else None,
                p_best=float(found.p_best[place]),
                group=int(found.group[place]),
                known=answered["known"][row],
                name=titles[row],
            )
            for place, row in enumerate(map(int, found.order))
        ),
        n_pairs={name: int((relation == name).sum()) for name in RELATIONS},
        notes=(*notes, *_duplicates(tracks)),
    )


def with_identity(contract: Contract) -> Contract:
    """Return the contract with what tells artists and albums, which an oracle may not use."""
    added = (
        ContractColumn(name, column.role, column.group, column.meaning)
        for name, column in TRACK_COLUMNS.items()
        if name in _IDENTITY and name not in contract.names and column.group is not None
    )
    return Contract((*contract.columns, *added))


def _joint(
    bundle: Bundle, each: Distribution, tracks: pl.DataFrame, together: Together | None
) -> tuple[Joint, list[str]]:
    """Join the tracks by artist and album."""
    n, notes = len(tracks), []
    artist = _codes(artist_keys(tracks).list.first())
    album = _codes(album_keys(tracks))
    if together:
        artist = np.zeros(n, np.int64)
    if together == "album":
        album = np.zeros(n, np.int64)
    elif n > 1 and not together and tracks["artists"].null_count():
        notes.append(NO_ARTISTS)
    if bundle.sharing is None and n > 1:
        notes.append(INDEPENDENT)
    return Joint(each, artist, album, bundle.sharing or Sharing(NOTHING, NOTHING)), notes


def _codes(names: pl.Series) -> Codes:
    """Number names; each missing one is a name of its own."""
    codes = names.rank("dense").cast(pl.Int64).to_list()
    return np.array([-i - 1 if code is None else code for i, code in enumerate(codes)], np.int64)


def _duplicates(tracks: pl.DataFrame) -> list[str]:
    """Say how many rows are a recording that stands in an earlier one."""
    marks = recording_marks(tracks)
    repeated = np.zeros(len(tracks), bool)
    for mark in marks:
        known = mark.is_not_null().to_numpy()
        repeated |= known & ~mark.is_first_distinct().to_numpy()
    n = int(repeated.sum())
    if not n:
        return []
    rows = ", ".join(str(row + 1) for row in np.flatnonzero(repeated)[:3])
    return [f"The same recording as an earlier row: {n:,} of {len(tracks):,} (row {rows})."]


def _names(tracks: pl.DataFrame) -> list[str]:
    ids = tracks["track_id"] if "track_id" in tracks.columns else [None] * len(tracks)
    return [str(i) if name is None else str(name) for i, name in enumerate(ids, start=1)]
