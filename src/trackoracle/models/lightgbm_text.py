"""LightGBM's text of trees: checked, written again with what is needed alone, read as arrays.

LightGBM trusts its text: a child that lies outside a tree is read from wherever it points to.
All trees are looked at together, a field at a time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from trackoracle.models.trees import Trees

Whole = NDArray[np.int64]
Flags = NDArray[np.bool_]

_FIELDS = {
    "num_leaves": "tree", "num_cat": "tree", "split_feature": "node", "split_gain": "node",
    "threshold": "node", "decision_type": "node", "left_child": "node", "right_child": "node",
    "leaf_value": "leaf", "leaf_count": "leaf", "internal_count": "node", "is_linear": "tree",
    "shrinkage": "tree",
}  # fmt: skip
"""What answers, contributions and gains are made of, and of what each has one number: weights and
values of inner nodes, a third of the file, serve to train on."""
_FRACTIONS = ("split_gain", "threshold", "leaf_value", "shrinkage")
_IN_WHOLE, _IN_FRACTIONS = b"0123456789- ", b"0123456789- +.einf"
"""All that numbers are written with, a threshold by which only what is missing goes right as inf:
what Polars and LightGBM read alike."""


class UnsoundTreeError(Exception):
    """A tree that LightGBM would lose its way in; its only argument is the tree's number."""


@dataclass(frozen=True)
class Forest:
    """The numbers of all trees, those of one tree after those of the other.

    Parameters
    ----------
    n_leaves
        (t,) of each tree.
    numbers
        By field: one a tree, or one a node with children, or one a leaf.
    """

    n_leaves: Whole
    numbers: dict[str, NDArray[Any]]

    @property
    def n_nodes(self) -> Whole:
        """Nodes with children of each tree: (t,)."""
        return self.n_leaves - 1

    def check(self, n_inputs: int) -> None:
        """Refuse what LightGBM would read from outside a tree, or would read otherwise.

        Raises
        ------
        UnsoundTreeError
            On the first tree of which nodes lead to others than later ones and own leaves, or
            two to the same, or ask for unknown inputs, or by category, or whose leaves are
            linear models.
        """
        numbers, (tree, place) = self.numbers, _places(self.n_nodes)
        n_nodes, n_leaves = self.n_nodes[tree], self.n_leaves[tree]
        asked = numbers["split_feature"]
        bad = (asked < 0) | (asked >= n_inputs) | (numbers["decision_type"] % 2 != 0)
        for side in ("left_child", "right_child"):
            child = numbers[side]
            # Leaves are numbered -1, -2 ...
            inside = np.where(child < 0, ~child < n_leaves, (child > place) & (child < n_nodes))
            bad |= ~inside
        _refuse((numbers["num_cat"] != 0) | (numbers["is_linear"] != 0))
        _refuse(bad, tree)
        led = np.concatenate([self._children(side, tree) for side in ("left_child", "right_child")])
        _refuse(np.bincount(led) > 1, _places(self.n_nodes + self.n_leaves)[0])

    def trees(self, n_outputs: int) -> Trees:
        """Return the trees with their leaves behind their nodes; they add to margins in turn."""
        numbers, n_nodes, n_leaves = self.numbers, self.n_nodes, self.n_leaves
        starts, size = self._starts, int((n_nodes + n_leaves).sum())
        (tree, place), (leaf_tree, leaf_place) = _places(n_nodes), _places(n_leaves)
        node, leaf = starts[tree] + place, (starts + n_nodes)[leaf_tree] + leaf_place

        def at_nodes(told: NDArray[Any], elsewhere: Any = 0) -> NDArray[Any]:
            whole = np.full(size, elsewhere, told.dtype)
            whole[node] = told
            return whole

        kind, threshold = numbers["decision_type"], numbers["threshold"]
        # Without a missing value in training, one is taken for 0.
        by_default = (kind >> 2 & 3) == 2
        cover = at_nodes(numbers["internal_count"].astype(np.float64))
        cover[leaf] = np.where(n_nodes[leaf_tree] > 0, numbers["leaf_count"], 1)
        value = np.zeros((len(cover), n_outputs))
        value[leaf, leaf_tree % n_outputs] = numbers["leaf_value"]
        return Trees(
            roots=starts,
            left=at_nodes(self._children("left_child", tree), -1),
            right=at_nodes(self._children("right_child", tree), -1),
            feature=at_nodes(numbers["split_feature"]),
            threshold=at_nodes(threshold),
            missing_left=at_nodes(np.where(by_default, kind >> 1 & 1, threshold >= 0).astype(bool)),
            cover=cover,
            value=value,
        )

    @property
    def _starts(self) -> Whole:
        """Where each tree begins, when its leaves stand behind its nodes: (t,)."""
        sizes = self.n_nodes + self.n_leaves
        return np.asarray(np.cumsum(sizes) - sizes)

    def _children(self, side: str, tree: Whole) -> Whole:
        """Return where the child of each node stands then, whose trees are given."""
        told = self.numbers[side]
        behind = np.where(told < 0, self.n_nodes[tree] - 1 - told, told)
        return np.asarray(self._starts[tree] + behind)


def parted(text: str) -> tuple[dict[str, str], list[dict[str, str]]]:
    """Return the fields that stand before the first tree, then those of each tree."""
    head, *trees = text.split("\nend of trees\n", 1)[0].split("\nTree=")
    return _fields(head), [_fields(tree) for tree in trees]


def read(trees: Sequence[dict[str, str]]) -> Forest:
    """Read the fields of trees.

    Raises
    ------
    UnsoundTreeError
        On the first tree that lacks a field, or has another number of them than its leaves ask.
    """
    _refuse(np.array([not _FIELDS.keys() <= tree.keys() for tree in trees], bool))
    numbers, lengths = {}, {}
    for name in _FIELDS:
        numbers[name], lengths[name] = _numbers([tree[name] for tree in trees], name in _FRACTIONS)
    _refuse(lengths["num_leaves"] != 1)
    n_leaves = numbers["num_leaves"]
    _refuse(n_leaves < 1)
    counts = {"tree": np.ones_like(n_leaves), "node": n_leaves - 1, "leaf": n_leaves}
    for name, of in _FIELDS.items():
        _refuse(lengths[name] != counts[of])
    return Forest(n_leaves, numbers)


def written(header: dict[str, str], trees: Sequence[dict[str, str]]) -> str:
    """Return a text of a header and of the fields of trees that are needed."""
    lines = ["tree", "version=v4", *(f"{name}={value}" for name, value in header.items()), ""]
    for number, tree in enumerate(trees):
        lines += [f"Tree={number}", *(f"{name}={tree[name]}" for name in _FIELDS), "", ""]
    return "\n".join([*lines, "end of trees", ""])


def _fields(text: str) -> dict[str, str]:
    return dict(line.split("=", 1) for line in text.splitlines() if "=" in line)


def _numbers(texts: list[str], has_fractions: bool) -> tuple[NDArray[Any], Whole]:
    """Return the numbers of all texts, one after the other, and how many each has."""
    allowed = _IN_FRACTIONS if has_fractions else _IN_WHOLE
    if "".join(texts).encode().translate(None, allowed):
        _refuse(np.array([bool(text.encode().translate(None, allowed)) for text in texts]))
    told = pl.Series(texts, dtype=pl.String)
    some = told != ""
    words = told.filter(some).str.split(" ")
    lengths = np.zeros(len(texts), np.int64)
    lengths[some.to_numpy()] = words.list.len()
    found = words.explode().cast(pl.Float64 if has_fractions else pl.Int64, strict=False)
    if found.has_nulls():
        _refuse(found.is_null().to_numpy(), _places(lengths)[0])
    return found.to_numpy(), lengths


def _places(counts: Whole) -> tuple[Whole, Whole]:
    """Return of each of so many things a tree the tree, and which of the tree's it is."""
    tree = np.repeat(np.arange(len(counts)), counts)
    return tree, np.arange(len(tree)) - np.repeat(np.cumsum(counts) - counts, counts)


def _refuse(bad: Flags, tree: Whole | None = None) -> None:
    """Refuse the first tree that is bad, or the first bad thing's, whose rising trees are given."""
    if bad.any():
        first = int(np.argmax(bad))
        raise UnsoundTreeError(first if tree is None else int(tree[first]))
