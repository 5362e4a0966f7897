"""What real tracks are like, genre by genre: the background against which a change is plausible.

Nothing of a single track is kept: quantiles, covariances and shares of groups of at least
twenty tracks, each drawn towards the wider group that holds it, the less tracks it has.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.explanations.usual import LEVELS, Usual, Values
from trackoracle.schema import Contract

ALL = "all tracks"
LEAST_COMPLETE = 100
"""Fewer complete tracks give no picture of what tracks are like."""
LEAST_IN_GROUP = 20
"""Fewer complete tracks of a genre are taken for tracks of its family, or of all."""
PULL = 50
"""Tracks that the wider group's picture weighs in a group's own."""
_MOST_CODES = 24
_RIDGE = 1e-3
_ARRAYS = ("counts", "values", "covariances", "surprises", "shares")
Arrays = dict[str, NDArray[Any]]


@dataclass(frozen=True)
class Background:
    """What real tracks are like, by group.

    Parameters
    ----------
    groups
        By name: genres, families of genres, and `ALL`.
    parents
        By genre, the wider group that stands for it where it is no group itself.
    """

    groups: Mapping[str, Usual]
    parents: Mapping[str, str]

    def of(self, genres: Sequence[str]) -> tuple[Usual, ...]:
        """Return the pictures that hold for a track of these genres; without any, that of all."""
        found = []
        for genre in genres:
            name = genre if genre in self.groups else self.parents.get(genre, ALL)
            if self.groups[name] not in found:
                found.append(self.groups[name])
        return tuple(found) or (self.groups[ALL],)

    def state(self) -> tuple[dict[str, Any], Arrays]:
        """Return plain facts and arrays from which `background_from_state` rebuilds it."""
        groups = list(self.groups.values())
        codes = {name: list(shares) for name, shares in groups[0].shares.items()}
        facts = {
            "names": list(groups[0].names),
            "groups": [group.group for group in groups],
            "parents": dict(self.parents),
            "codes": codes,
        }
        shares = [[s for of in group.shares.values() for s in of.values()] for group in groups]
        arrays: Arrays = {
            "counts": np.array([group.n_tracks for group in groups], np.int64),
            "values": np.array([group.values for group in groups], np.float32),
            "covariances": np.array([group.covariance for group in groups], np.float32),
            "surprises": np.array([group.surprises for group in groups], np.float32),
            "shares": np.array(shares, np.float32).reshape(len(groups), -1),
        }
        return facts, arrays


def fit_background(
    tracks: pl.DataFrame, contract: Contract, family_of: Callable[[str], str]
) -> Background | None:
    """Draw the pictures of training tracks.

    Parameters
    ----------
    tracks
        (n, k') typed columns of the training tracks.
    contract
        Says which of them are audio numbers and codes.
    family_of
        From a genre to its family.

    Returns
    -------
    None with fewer than 100 tracks whose audio numbers are all known.

    Examples
    --------
    >>> from trackoracle.schema import fit_contract
    >>> energy = np.linspace(0.2, 0.8, 1000)
    >>> tracks = pl.DataFrame({"energy": energy, "loudness": 20 * energy - 20})
    >>> background = fit_background(tracks, fit_contract(tracks), str)
    >>> usual = background.of(["no such genre"])[0]
    >>> usual.plausibility(np.array([[0.5, -10], [0.7, -16]]), {}).round(1).tolist()
    [1.0, 0.0]
    """
    names, codes = _columns(tracks, contract)
    complete = tracks.filter(pl.all_horizontal(pl.col([*names, *codes]).is_not_null()))
    if not names or len(complete) < LEAST_COMPLETE:
        return None
    material = _Material(
        complete.select(pl.col(names).cast(pl.Float64)).to_numpy(),
        names,
        {name: complete[name].cast(pl.Float64).to_numpy() for name in codes},
        codes,
    )
    everything = material.picture(ALL, np.arange(len(complete)), None)
    groups, parents = {ALL: everything}, {}
    if "genres" in contract.names:
        by_genre = _rows_by_genre(complete)
        by_family: dict[str, list[NDArray[np.int64]]] = {}
        for genre, rows in by_genre.items():
            by_family.setdefault(_family_name(family_of(genre)), []).append(rows)
        for family, parts in sorted(by_family.items()):
            rows = np.unique(np.concatenate(parts))
            if len(rows) >= LEAST_IN_GROUP:
                groups[family] = material.picture(family, rows, everything)
        for genre, rows in by_genre.items():
            family = _family_name(family_of(genre))
            wider = family if family in groups else ALL
            if len(rows) >= LEAST_IN_GROUP:
                groups[genre] = material.picture(genre, rows, groups[wider])
            else:
                parents[genre] = wider
    # As it will be read, so that an oracle answers the same before and after it is saved.
    return background_from_state(*Background(groups, parents).state())


def background_from_state(facts: Mapping[str, Any], arrays: Mapping[str, Any]) -> Background:
    """Rebuild a background; raises ValueError when it is not what `fit_background` makes."""
    names, groups = tuple(facts["names"]), list(facts["groups"])
    codes: dict[str, list[float]] = {
        name: [float(code) for code in levels] for name, levels in facts["codes"].items()
    }
    n, k, q = len(groups), len(names), len(LEVELS)
    n_codes = sum(map(len, codes.values()))
    shapes = ((n,), (n, k, q), (n, k, k), (n, q), (n, n_codes))
    counts, values, covariances, surprises, shares = (arrays[name] for name in _ARRAYS)
    sound = (
        k > 0
        and all(isinstance(name, str) for name in (*names, *groups))
        and len(set(groups)) == n
        and ALL in groups
        and all(wider in groups for wider in facts["parents"].values())
        and all(arrays[name].shape == s for name, s in zip(_ARRAYS, shapes, strict=True))
        and counts.dtype == np.int64
        and all(
            arrays[name].dtype == np.float32 and np.isfinite(arrays[name]).all()
            for name in _ARRAYS[1:]
        )
        and all((np.diff(rising) >= 0).all() for rising in (values, surprises))
        and (surprises[:, 0] > 0).all()
        and (shares >= 0).all()
        and all(len(levels) and (np.diff(levels) > 0).all() for levels in codes.values())
        and (covariances == covariances.transpose(0, 2, 1)).all()
        and (np.linalg.eigvalsh(covariances)[:, 0] > 0).all()
    )
    if not sound:
        raise ValueError("plausibility: expected quantiles and covariances by genre, got others")
    ends = np.cumsum([0, *map(len, codes.values())])
    rebuilt = {}
    for i, group in enumerate(groups):
        told = {
            name: dict(zip(levels, map(float, shares[i, start:end]), strict=True))
            for (name, levels), start, end in zip(codes.items(), ends[:-1], ends[1:], strict=True)
        }
        rebuilt[group] = Usual(
            group,
            int(counts[i]),
            names,
            values[i].astype(np.float64),
            covariances[i].astype(np.float64),
            surprises[i].astype(np.float64),
            told,
            k,
        )
    return Background(rebuilt, dict(facts["parents"]))


@dataclass(frozen=True)
class _Material:
    """Complete training tracks: (n, k) numbers, and codes by name."""

    numbers: Values
    names: tuple[str, ...]
    codes: Mapping[str, Values]
    levels: Mapping[str, list[float]]

    def picture(self, group: str, rows: NDArray[np.int64], wider: Usual | None) -> Usual:
        """Draw the picture of some rows, towards that of the wider group."""
        own = len(rows) / (len(rows) + PULL) if wider else 1.0

        def drawn(of: Values, towards: Values | None) -> Values:
            return of if towards is None else own * of + (1 - own) * towards

        numbers = self.numbers[rows]
        quantiles = np.quantile(numbers, LEVELS, axis=0, method="nearest").T
        values = drawn(np.array(_short(quantiles)), wider.values if wider else None)
        shares = {}
        for name, levels in self.levels.items():
            counted = np.bincount(
                np.searchsorted(levels, self.codes[name][rows]), None, len(levels)
            )
            towards = np.array(list(wider.shares[name].values())) if wider else None
            shared = drawn(counted / len(rows), towards)
            shares[name] = dict(zip(levels, map(float, shared), strict=True))
        flat = np.ones(len(LEVELS))
        k = len(self.names)
        draft = Usual(group, len(rows), self.names, values, np.eye(k), flat, shares, k)
        scores = draft.scores(numbers)
        moment = scores.T @ scores / len(scores) + _RIDGE * np.eye(k)
        covariance = drawn(moment, wider.covariance if wider else None)
        covariance = (covariance + covariance.T) / 2
        draft = Usual(group, len(rows), self.names, values, covariance, flat, shares, k)
        surprise = draft.surprise(scores, {n: c[rows] for n, c in self.codes.items()})
        surprises = drawn(np.quantile(surprise, LEVELS), wider.surprises if wider else None)
        return Usual(group, len(rows), self.names, values, covariance, surprises, shares, k)


def _short(values: Values) -> Values:
    """Round to four digits, which pack well and tell less of a single track."""
    with np.errstate(divide="ignore"):
        digits = np.where(values == 0, 0, np.floor(np.log10(np.abs(values))))
    unit = 10.0 ** (digits - 3)
    return np.asarray(np.round(values / unit) * unit)


def _columns(
    tracks: pl.DataFrame, contract: Contract
) -> tuple[tuple[str, ...], dict[str, list[float]]]:
    """Tell the numbers from the columns of few codes, by name with their codes.

    A column that half of the tracks lack would leave few that are complete.
    """
    names: list[str] = []
    codes: dict[str, list[float]] = {}
    for column in contract.columns:
        if (
            column.role != "number"
            or not (column.group == "audio" or column.name == "explicit")
            or column.seen_low == column.seen_high
            or tracks[column.name].null_count() > len(tracks) / 2
        ):
            continue
        levels = tracks[column.name].drop_nulls().cast(pl.Float64).unique().sort()
        if column.whole and len(levels) <= _MOST_CODES:
            codes[column.name] = levels.to_list()
        else:
            names.append(column.name)
    return tuple(names), codes


def _rows_by_genre(tracks: pl.DataFrame) -> dict[str, NDArray[np.int64]]:
    listed = tracks.select("genres").with_row_index("row").explode("genres").drop_nulls()
    grouped = listed.group_by("genres").agg(pl.col("row").unique().sort()).sort("genres")
    return {
        str(genre): rows.to_numpy().astype(np.int64)
        for genre, rows in zip(grouped["genres"], grouped["row"], strict=True)
    }


def _family_name(family: str) -> str:
    """Keep families apart from genres of the same name."""
    return f"{family} (family)"
