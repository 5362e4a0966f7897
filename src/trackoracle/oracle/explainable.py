"""The part of the facade that says why, and what predictions depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import cached_property
from typing import Any

from trackoracle.artifact import Bundle
from trackoracle.catalogs import load_catalog
from trackoracle.explanations import N_PAIRS
from trackoracle.oracle.dependence import (
    accumulated_effects,
    dependence_map,
    partial_dependence,
    track_dependence,
)
from trackoracle.oracle.explaining import (
    By,
    Explainer,
    explain_all,
    explain_each,
    explain_one,
    pick,
)
from trackoracle.oracle.importance import coefficients, importance
from trackoracle.schema import (
    Catalog,
    Coefficient,
    Dependence,
    DependenceMap,
    Explanation,
    Given,
    Importance,
    Rows,
    Shown,
    as_polars,
)


class Explainable(Shown):
    """What an oracle says beyond its predictions: association, never cause."""

    _bundle: Bundle

    def explain(
        self,
        track: Catalog | Rows,
        *,
        level: float = 0.9,
        base_rate: float | None = None,
        n_pairs: int = N_PAIRS,
        seed: int = 0,
        interactions: bool = False,
    ) -> Explanation:
        """Say what contributes to the prediction of one track: association, never cause.

        Parameters
        ----------
        track
            A mapping, or a frame of one row.
        level, base_rate
            As of `predict`.
        n_pairs, seed
            Of a model whose inputs do not add up exactly: orders that are drawn to estimate
            their contributions, and how.
        interactions
            Whether to tell also what pairs of columns tell together.

        Returns
        -------
        Explanation
            Baseline and contributions, in points, log-odds of a hit or tiers, add up to the
            prediction.

        Examples
        --------
        >>> import trackoracle as to
        >>> told = to.load_oracle().explain({"genre": "pop", "tempo": 120.0, "energy": 0.8})
        >>> parts = sum(part.contribution for part in told.attributions)
        >>> round(told.baseline + parts - told.prediction, 6), told.attributions[0].feature
        (0.0, 'genres')
        """
        asked: dict[str, Any] = {
            "level": level,
            "base_rate": base_rate,
            "n_pairs": n_pairs,
            "seed": seed,
        }
        return explain_one(self._explainer, track, interactions=interactions, **asked)

    def explain_each(
        self,
        tracks: Catalog | Rows,
        *,
        level: float = 0.9,
        base_rate: float | None = None,
        n_pairs: int = N_PAIRS,
        seed: int = 0,
        interactions: bool = False,
        first_row: int = 1,
    ) -> Iterator[Explanation]:
        """Yield the explanation of each track, a thousand in memory at a time; see `explain`."""
        asked: dict[str, Any] = {
            "level": level,
            "base_rate": base_rate,
            "n_pairs": n_pairs,
            "seed": seed,
        }
        asked |= {"interactions": interactions, "first_row": first_row}
        return explain_each(self._explainer, tracks, **asked)

    def explain_all(
        self,
        tracks: Catalog | Rows,
        *,
        by: By = "feature",
        base_rate: float | None = None,
        n_pairs: int = N_PAIRS,
        seed: int = 0,
        first_row: int = 1,
    ) -> Any:
        """Return what contributes to the predictions of many tracks.

        Parameters
        ----------
        tracks, base_rate, first_row
            As of `predict`.
        by
            "feature" for what people know, "input" for every input of the model.
        n_pairs, seed
            As of `explain`.

        Returns
        -------
        (n, m) frame of the kind that went in: `track_id`, `prediction`, `baseline`, a column
        for each feature's contribution, and `calibration`; in a row, all from the baseline on
        add up to the prediction.
        """
        frame, back = as_polars(tracks.tracks if isinstance(tracks, Catalog) else tracks)
        asked: dict[str, Any] = {"base_rate": base_rate, "n_pairs": n_pairs, "seed": seed}
        return back(explain_all(self._explainer, frame, by=by, first_row=first_row, **asked))

    def dependence(
        self,
        track: Rows,
        column: str,
        *,
        values: Sequence[Given] | None = None,
        n_values: int = 25,
        level: float = 0.9,
    ) -> Dependence:
        """Predict one track along a column, all else as it is.

        What follows from the column follows its new values. All are predicted in one batch.

        Parameters
        ----------
        track
            A mapping, or a frame of one row.
        column
            A column of the contract.
        values
            To try; by default `n_values` over the range seen in training, or all levels.
        level
            Of the intervals.

        Examples
        --------
        >>> import trackoracle as to
        >>> told = to.load_oracle().dependence({"genre": "pop"}, "tempo", values=[90, 120])
        >>> len(told.prediction), told.unit
        (2, 'points')
        """
        return track_dependence(self._bundle, as_polars(track)[0], column, values, n_values, level)

    def dependence_map(
        self,
        tracks: Catalog | Rows,
        columns: tuple[str, str],
        *,
        values: tuple[Sequence[Given] | None, Sequence[Given] | None] = (None, None),
        n_values: int = 12,
        n_tracks: int = 100,
        seed: int = 0,
    ) -> DependenceMap:
        """Predict over two columns, all else as it is: one track, or the mean over several.

        Parameters
        ----------
        tracks
            One track, or several, of which `n_tracks` are drawn.
        columns, values, n_values
            As of `dependence`, for each of two columns.
        """
        frame = tracks.tracks if isinstance(tracks, Catalog) else as_polars(tracks)[0]
        return dependence_map(self._bundle, frame, columns, values, n_values, n_tracks, seed)

    def partial_dependence(
        self,
        tracks: Catalog | Rows,
        column: str,
        *,
        values: Sequence[Given] | None = None,
        n_values: int = 20,
        n_tracks: int = 500,
        seed: int = 0,
    ) -> Dependence:
        """Average the predictions of tracks along a column, all else as it is in each.

        Some tracks are told each for itself too (ICE). Where columns go together, as energy
        and loudness do, it asks of tracks that do not exist: see `accumulated_effects`.

        Parameters
        ----------
        tracks
            A catalog, or what `load_catalog` takes; `n_tracks` of them are drawn.
        column, values, n_values
            As of `dependence`.
        """
        asked = (column, values, n_values, n_tracks, seed)
        return partial_dependence(self._bundle, _catalog(tracks), *asked)

    def accumulated_effects(
        self,
        tracks: Catalog | Rows,
        column: str,
        *,
        n_bins: int = 20,
        n_tracks: int = 2000,
        seed: int = 0,
    ) -> Dependence:
        """Add up local effects along a column of numbers (ALE), centred at 0.

        A track is only moved within its own bin, to values that it nearly has, so that no
        loud track is asked of as a quiet one.

        Parameters
        ----------
        tracks
            As of `partial_dependence`.
        n_bins
            Bins of about as many tracks each.
        """
        asked = (column, n_bins, n_tracks, seed)
        return accumulated_effects(self._bundle, _catalog(tracks), *asked)

    def importance(
        self,
        catalog: Catalog | Rows,
        *,
        n_tracks: int = 1000,
        n_permutations: int = 3,
        seed: int = 0,
        progress: Callable[[int, int, str], None] | None = None,
    ) -> Importance:
        """Weigh features three ways: gain in training, mean contribution, and permutation.

        A column is permuted with all inputs that follow from it, an input group with all its
        columns together, among labelled tracks that the oracle has not seen. Intervals
        resample whole recordings.

        Parameters
        ----------
        catalog
            A catalog, or what `load_catalog` takes; `n_tracks` of it are drawn.
        n_permutations
            Times that each column is dealt anew.
        progress
            Called with features permuted, these in all, and the next one's name.
        """
        return importance(
            self._explainer,
            _catalog(catalog),
            n_tracks=n_tracks,
            n_permutations=n_permutations,
            seed=seed,
            progress=progress or _untold,
        )

    def coefficients(self) -> tuple[Coefficient, ...]:
        """Return what one standard deviation of each input moves a linear model's answer by.

        Raises
        ------
        ConfigError
            Of any other model.
        """
        return coefficients(self._explainer)

    def pick(self, tracks: Rows, track_id: str) -> Any:
        """Return the rows of one track, by its id, else by its row's number from 1.

        Raises
        ------
        SourceError
            When there is none.
        """
        frame, back = as_polars(tracks)
        return back(pick(self._explainer, frame, track_id))

    @cached_property
    def _explainer(self) -> Explainer:
        return Explainer(self._bundle)


def _untold(done: int, total: int, name: str) -> None:
    """Tell nobody."""


def _catalog(tracks: Catalog | Rows) -> Catalog:
    return tracks if isinstance(tracks, Catalog) else load_catalog(tracks)
