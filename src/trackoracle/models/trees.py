"""What each input contributes to the sum of some trees: exact Shapley values, by quadrature.

A tree without some inputs answers with the mean over both branches, weighted by the training
rows in each; so do the contributions of LightGBM, XGBoost and shap (Lundberg et al. 2020,
path-dependent TreeSHAP), whose values these are. On the way to a leaf every input f asked for
leaves a factor q_f (1 - t) + p_f t: q_f the share of training rows that went this way, p_f
whether the track does, t the probability that the input is known. The derivative of the product
of factors in one input, averaged over t from 0 to 1, is its Shapley value (Owen 1972); it is a
polynomial in t, so that few Gauss-Legendre nodes give it exactly. Products go down the trees
and sums come up, all trees at once, a level at a time: the work grows with the nodes, not with
the square of the depth, and several margins cost no more than one.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from trackoracle.models.candidate import Matrix, Values

Places = NDArray[np.int64]
Flags = NDArray[np.bool_]

MOST_ENTRIES = 6_000_000
"""Nodes times quadrature nodes that tables are made for: some 300 MB. Larger ones have none."""
_CUTS = (0.3, 0.8, 0.98)
"""Where trees, sorted by the inputs they ask for on one way, are parted: few ask for many, and
fewer numbers for the others fit a core's cache."""
_ROWS = 16
"""Tracks that walk the trees side by side."""
_LEAST_SHARED = 64
"""Fewer tracks are not worth a second thread."""


@dataclass(frozen=True)
class Trees:
    """Trees as arrays over all their nodes.

    Parameters
    ----------
    roots
        (r,) the first node of each tree.
    left, right
        (n,) children of each node; -1 at a leaf.
    feature, threshold, missing_left
        (n,) what is asked for: at or below the threshold goes left, a missing value where
        the last says so. Not looked at at a leaf.
    cover
        (n,) training rows that came by.
    value
        (n, m) what a leaf adds to each margin. Not looked at elsewhere.
    """

    roots: Places
    left: Places
    right: Places
    feature: Places
    threshold: Values
    missing_left: Flags
    cover: Values
    value: Values


@dataclass(frozen=True)
class _Level:
    """Nodes of one depth that have children, and where these stand: two by two."""

    inner: Places
    children: slice


class Walk:
    """Trees laid out for walking, those that ask for about as many inputs together.

    Parameters
    ----------
    trees
        What to lay out.
    n_inputs
        d.
    """

    def __init__(self, trees: Trees, n_inputs: int) -> None:
        self.n_inputs = n_inputs
        whole = _Layout(trees, n_inputs)
        self.base = whole.base
        by_width = trees.roots[np.argsort(whole.widths, kind="stable")]
        parts = np.split(by_width, [round(share * len(by_width)) for share in _CUTS])
        lots = [replace(trees, roots=part) for part in parts if len(part)]
        self._layouts = [_Layout(lot, n_inputs) for lot in lots]

    @property
    def fits(self) -> bool:
        """Whether the tables stay within `MOST_ENTRIES`."""
        return sum(layout.n_entries for layout in self._layouts) <= MOST_ENTRIES

    def sums(self, row: NDArray[np.float32]) -> Values:
        """Return what the trees add to each margin of one track: (m,)."""
        told: Values = np.sum([layout.sums(row) for layout in self._layouts], axis=0)
        return told

    def contributions(self, matrix: Matrix, slopes: Values, n_threads: int = 1) -> Values:
        """Return what each input adds to slopes (n, m) times margins: (n, d)."""
        result = np.zeros((len(matrix), self.n_inputs))

        def fill(starts: range) -> None:
            for layout in self._layouts:
                desk = layout.desk(min(_ROWS, len(matrix)))
                for start in starts:
                    rows = slice(start, start + _ROWS)
                    result[rows] += layout.contributions(matrix[rows], slopes[rows], desk)

        for layout in self._layouts:
            layout.tables  # noqa: B018 (made once, before threads share them)
        starts = range(0, len(matrix), _ROWS)
        n_threads = n_threads if len(matrix) >= _LEAST_SHARED else 1
        if n_threads == 1:
            fill(starts)
        else:
            with ThreadPoolExecutor(n_threads) as pool:
                list(pool.map(fill, [starts[i::n_threads] for i in range(n_threads)]))
        return result


@dataclass(frozen=True)
class _Desk:
    """Where one thread works on r tracks: the edges' states (n, r), and numbers (n, r, k)."""

    goes: Flags
    went: Flags
    table: Values
    work: Values


class _Layout:
    """Some trees level by level, with what every edge can be worth."""

    def __init__(self, trees: Trees, n_inputs: int) -> None:
        order, levels, parent = _by_level(trees)
        self._n_inputs, self._n_nodes, self._levels = n_inputs, len(order), levels
        self._first = len(trees.roots)
        inner = np.concatenate([level.inner for level in levels] or [np.zeros(0, np.int64)])
        asked = order[inner]
        self._asks, self._threshold = trees.feature[asked], trees.threshold[asked]
        self._missing_left = trees.missing_left[asked]
        self._leaf = np.flatnonzero(trees.left[order] < 0)
        self._value = np.ascontiguousarray(trees.value[order[self._leaf]])
        below, cover = slice(self._first, None), trees.cover[order]
        share = np.ones(len(order))
        share[below] = cover[below] / cover[parent[below]]
        self._feature = np.full(len(order), n_inputs)
        self._feature[below] = trees.feature[order[parent[below]]]
        self._ancestor = _ancestors(parent, self._feature, self._first)
        self._quota = _products(share, self._ancestor, levels)
        reached = _products(share, parent, levels)[self._leaf]
        self.base: Values = reached @ self._value
        self.widths = _most_inputs(self._ancestor, parent, levels, self._first)
        self._chain = _chain(self._ancestor)
        self._entries = np.arange(0, 3 * len(order), 3)[:, None]
        # A polynomial of one degree less than inputs on the way: exact to degree 2 k - 1.
        self._n_quadrature = max(1, -(-int(self.widths.max(initial=0)) // 2))

    @property
    def n_entries(self) -> int:
        """Size of a table for one state."""
        return self._n_nodes * self._n_quadrature

    @cached_property
    def tables(self) -> tuple[Values, Values]:
        """What an edge multiplies by, and what its input gains, by its state: (3 n, k) each.

        States: the track goes this way; it does not, but went the same input's way before;
        it did neither.
        """
        nodes, weights = np.polynomial.legendre.leggauss(self._n_quadrature)
        t, weights = (nodes + 1) / 2, weights / 2
        own = self._quota[:, None]
        before = np.where(self._ancestor >= 0, self._quota[self._ancestor], 1.0)[:, None]
        states = ((1.0, 1.0), (0.0, 1.0), (0.0, 0.0))
        factors, gains = (np.empty((self._n_nodes, 3, len(t))) for _ in range(2))
        for i, (goes, went) in enumerate(states):
            above = own * (1 - t) + goes * t
            below = before * (1 - t) + went * t
            factors[:, i] = above / below
            gains[:, i] = weights * ((goes - own) / above - (went - before) / below)
        # Nobody goes to a root.
        factors[: self._first], gains[: self._first] = 1.0, 0.0
        return factors.reshape(-1, len(t)), gains.reshape(-1, len(t))

    def desk(self, n_rows: int) -> _Desk:
        """Return room for `contributions` of so many tracks to work in."""
        shape = self._n_nodes, n_rows, self._n_quadrature
        goes = np.ones((self._n_nodes + 1, n_rows), bool)  # the last where there is no ancestor
        went = np.ones((self._n_nodes, n_rows), bool)
        return _Desk(goes, went, np.empty(shape), np.empty(shape))

    def sums(self, row: NDArray[np.float32]) -> Values:
        """Return what the leaves that a track comes to add: (m,)."""
        left, start = self._goes_left(row[None])[:, 0], 0
        reached = np.ones(self._n_nodes, bool)
        for level in self._levels:
            own, end = level.children, start + len(level.inner)
            reached[own][0::2] = reached[level.inner] & left[start:end]
            reached[own][1::2] = reached[level.inner] & ~left[start:end]
            start = end
        told: Values = self._value[reached[self._leaf]].sum(axis=0)
        return told

    def contributions(self, rows: Matrix, slopes: Values, desk: _Desk) -> Values:
        """Return the contributions for r tracks: (r, d)."""
        n_rows = len(rows)
        if n_rows < desk.went.shape[1]:
            desk = self.desk(n_rows)
        place, work, table = self._places(rows, desk), desk.work, desk.table
        factors, gains = self.tables
        np.take(factors, place, axis=0, out=work, mode="clip")
        for level in self._levels:
            pairs = work[level.children].reshape(len(level.inner), 2, n_rows, -1)
            pairs *= work[level.inner][:, None]
        leaves = np.ones((self._n_nodes, n_rows))
        leaves[self._leaf] = self._value @ slopes.T
        work *= leaves[:, :, None]
        for level in reversed(self._levels):
            pairs = work[level.children]
            work[level.inner] = pairs[0::2] + pairs[1::2]
        np.take(gains, place, axis=0, out=table, mode="clip")
        told = np.einsum("nrk,nrk->rn", work, table)
        n_bins = self._n_inputs + 1
        return np.stack([np.bincount(self._feature, own, n_bins)[:-1] for own in told])

    def _goes_left(self, rows: Matrix) -> Flags:
        """Tell at which nodes with children tracks go left, level after level: (inner, r)."""
        asked = rows[:, self._asks].T
        left: Flags = (asked <= self._threshold[:, None]) | (
            np.isnan(asked) & self._missing_left[:, None]
        )
        return left

    def _places(self, rows: Matrix, desk: _Desk) -> Places:
        """Return where each edge's entry stands in the tables: (n, r)."""
        goes, went = desk.goes, desk.went
        left = self._goes_left(rows)
        goes[self._first : -1 : 2], goes[self._first + 1 : -1 : 2] = left, ~left
        for edges, ancestors in self._chain:
            went[edges] = goes[ancestors]
            goes[edges] &= went[edges]
        place = np.repeat(self._entries, len(rows), axis=1)
        place += ~goes[:-1]
        place += ~went
        return place


def _by_level(trees: Trees) -> tuple[Places, list[_Level], Places]:
    """Return nodes in the order of their depth, children two by two, and each one's parent."""
    order, parents = [trees.roots], [np.full(len(trees.roots), -1)]
    levels: list[_Level] = []
    here, start = trees.roots, 0
    while True:
        inner = np.flatnonzero(trees.left[here] >= 0)
        if not len(inner):
            return np.concatenate(order), levels, np.concatenate(parents)
        pairs = np.stack([trees.left[here[inner]], trees.right[here[inner]]], axis=1).ravel()
        end = start + len(here)
        levels.append(_Level(start + inner, slice(end, end + len(pairs))))
        parents.append(np.repeat(start + inner, 2))
        order.append(pairs)
        here, start = pairs, end


def _ancestors(parent: Places, feature: Places, first: int) -> Places:
    """Return the nearest edge above that asked for the same input, -1 for none: (n,)."""
    ancestor = np.full(len(parent), -1)
    searching, at = np.arange(first, len(parent)), parent[first:].copy()
    while len(searching):
        inside = at >= first
        searching, at = searching[inside], at[inside]
        found = feature[at] == feature[searching]
        ancestor[searching[found]] = at[found]
        searching, at = searching[~found], parent[at[~found]]
    return ancestor


def _chain(ancestor: Places) -> list[tuple[Places, Places]]:
    """Return edges with their ancestors, first those whose ancestor has none itself, and so on."""
    depth, at = np.zeros(len(ancestor), np.int64), ancestor
    while (at >= 0).any():
        depth += at >= 0
        at = np.where(at >= 0, ancestor[at], -1)
    deep = [np.flatnonzero(depth == d) for d in range(1, depth.max(initial=0) + 1)]
    return [(edges, ancestor[edges]) for edges in deep]


def _products(share: Values, above: Places, levels: list[_Level]) -> Values:
    """Multiply each edge's share by that of the edges above it: (n,)."""
    product = share.copy()
    for level in levels:
        own = level.children
        product[own] *= np.where(above[own] >= 0, product[above[own]], 1.0)
    return product


def _most_inputs(ancestor: Places, parent: Places, levels: list[_Level], n_trees: int) -> Places:
    """Return the most different inputs that each tree asks for on the way to one leaf: (r,)."""
    n_inputs, tree = np.zeros(len(parent), np.int64), np.arange(len(parent))
    for level in levels:
        own = level.children
        n_inputs[own] = n_inputs[parent[own]] + (ancestor[own] < 0)
        tree[own] = tree[parent[own]]
    most = np.zeros(n_trees, np.int64)
    np.maximum.at(most, tree, n_inputs)
    return most


def joined(parts: list[dict[str, Any]], output: list[int], n_outputs: int) -> Trees:
    """Join single trees, each with arrays `left`, `right` ... over its own nodes.

    Parameters
    ----------
    parts
        Of each tree: the fields of `Trees` but `roots`, the value (n,).
    output
        Of each tree: the margin that it adds to.
    """
    starts = np.cumsum([0, *(len(part["left"]) for part in parts)])
    whole = {
        name: np.concatenate([part[name] for part in parts])
        for name in ("feature", "threshold", "missing_left", "cover")
    }
    left, right = (
        np.concatenate(
            [np.where(p[side] < 0, -1, p[side] + s) for p, s in zip(parts, starts, strict=False)]
        )
        for side in ("left", "right")
    )
    value = np.zeros((starts[-1], n_outputs))
    for part, start, place in zip(parts, starts, output, strict=False):
        value[start : start + len(part["left"]), place] = part["value"]
    return Trees(starts[:-1], left, right, value=value, **whole)
