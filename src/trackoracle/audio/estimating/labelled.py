"""Recordings with known features, from one or several sources, as one set of rows to learn from."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from trackoracle.audio.estimating.inputs import Values, shared_inputs
from trackoracle.errors import NotEnoughDataError
from trackoracle.schema import ESTIMATED

Codes = NDArray[np.int64]
N_FOLDS = 5
NONE = -1
"""Code of a title that is not known."""


@dataclass(frozen=True)
class Part:
    """Labelled recordings whose descriptors follow one recipe.

    Parameters
    ----------
    recipe
        Name of the recipe.
    columns, matrix
        Names and values of the descriptors, (n, k).
    labels
        `ESTIMATED`, (n, 7), in 0..1; NaN where not known.
    group
        Code of what is held out together, (n,): the artist where known. The same code in
        another part is the same artist.
    title
        Code of the title, (n,), `NONE` where not known: rows of the same title are never
        learned from and judged on at once.
    """

    recipe: str
    columns: tuple[str, ...]
    matrix: Values
    labels: Values
    group: Codes
    title: Codes


@dataclass(frozen=True)
class Pool:
    """All parts as one table of inputs under shared names; NaN where a recipe has none.

    Parameters
    ----------
    names, inputs
        (k,) and (n, k).
    source
        Place of the row's part in `recipes`, (n,).
    own
        For each part the places of its inputs in `names`.
    weight
        Of each row: sources weigh as the square root of their size.
    """

    recipes: tuple[str, ...]
    columns: tuple[tuple[str, ...], ...]
    names: tuple[str, ...]
    inputs: Values
    own: tuple[Codes, ...]
    source: Codes
    labels: Values
    group: Codes
    title: Codes
    weight: Values

    @classmethod
    def of(cls, parts: Sequence[Part]) -> Pool:
        """Join the parts.

        Raises
        ------
        NotEnoughDataError
            Where no feature has rows of as many groups as there are folds.
        """
        shared = [shared_inputs(p.recipe, p.columns, p.matrix) for p in parts]
        names = tuple(dict.fromkeys(name for own, _ in shared for name in own))
        place = {name: j for j, name in enumerate(names)}
        n = sum(len(p.matrix) for p in parts)
        inputs = np.full((n, len(names)), np.nan)
        source = np.repeat(np.arange(len(parts)), [len(p.matrix) for p in parts])
        own = tuple(np.array([place[name] for name in of]) for of, _ in shared)
        for i, (_, matrix) in enumerate(shared):
            inputs[np.ix_(source == i, own[i])] = matrix
        count = np.bincount(source, minlength=len(parts))
        pool = cls(
            tuple(p.recipe for p in parts),
            tuple(p.columns for p in parts),
            names,
            inputs,
            own,
            source,
            np.concatenate([p.labels for p in parts]),
            np.concatenate([p.group for p in parts]),
            np.concatenate([p.title for p in parts]),
            1 / np.sqrt(count[source]),
        )
        _check_enough(pool)
        return pool

    def folds(self, n_folds: int, seed: int) -> Iterator[tuple[Codes, Codes]]:
        """Yield training and test rows: whole groups are dealt, shared titles are left out."""
        groups, code = np.unique(self.group, return_inverse=True)
        dealt = np.random.default_rng(seed).permutation(len(groups)) % n_folds
        fold = dealt[code]
        for i in range(n_folds):
            test = fold == i
            titles = np.unique(self.title[test])
            known = np.isin(self.title, titles[titles != NONE])
            yield np.flatnonzero(~test & ~known), np.flatnonzero(test)


def _check_enough(pool: Pool) -> None:
    known = ~np.isnan(pool.labels)
    groups = [len(np.unique(pool.group[known[:, j]])) for j in range(known.shape[1])]
    for name, n, n_rows in zip(ESTIMATED, groups, known.sum(axis=0), strict=True):
        if 0 < n < N_FOLDS or 0 < n_rows < 4 * N_FOLDS:
            raise NotEnoughDataError(
                f"{name}: expected at least {4 * N_FOLDS} labelled recordings of {N_FOLDS} "
                f"artists, got {n_rows} of {n}. Label more, or leave the column out.",
                column=name,
                n=int(n_rows),
            )
    if not known.any():
        raise NotEnoughDataError(
            f"labels: expected values of at least one of {', '.join(ESTIMATED)}, got none. "
            "Label some recordings.",
            n=0,
        )
