"""What native libraries trust in a tree that they read: that it points inside itself."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

Places = NDArray[Any]


def is_sound_tree(
    left: Places, right: Places, feature: Places, is_leaf: NDArray[np.bool_], n_inputs: int
) -> bool:
    """Tell whether a tree can be walked: nodes lead to later nodes, and ask for known inputs.

    No two lead to the same: what walks all ways would otherwise walk more than there are nodes.

    Parameters
    ----------
    left, right, feature
        (m,) children and the input asked for, at each node.
    is_leaf
        (m,) where a walk ends; what stands there otherwise is not looked at.
    n_inputs
        Inputs are numbered from 0 to below this.

    Examples
    --------
    >>> ends = np.array([False, True, True])
    >>> is_sound_tree(np.array([1, -1, -1]), np.array([2, -1, -1]), np.array([0, 0, 0]), ends, 1)
    True
    >>> is_sound_tree(np.array([0, -1, -1]), np.array([2, -1, -1]), np.array([0, 0, 0]), ends, 1)
    False
    """
    n_nodes = len(left)
    if not n_nodes or any(len(part) != n_nodes for part in (right, feature, is_leaf)):
        return False
    splits = np.flatnonzero(~is_leaf)
    children = np.stack([left, right])[:, splits].astype(np.int64)
    asked = feature[splits].astype(np.int64)
    return bool(
        (children > splits).all()
        and len(np.unique(children)) == children.size
        and (children < n_nodes).all()
        and (asked >= 0).all()
        and (asked < n_inputs).all()
    )
