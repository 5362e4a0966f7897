"""From a task to its link, and from margins to answers."""

from __future__ import annotations

import numpy as np
from scipy.special import expit, softmax

from trackoracle.models.candidate import Values
from trackoracle.schema import Link, Task

_LINKS: dict[Task, Link] = {"regression": "identity", "binary": "logit", "multiclass": "softmax"}


def link_of(task: Task) -> Link:
    """Return what joins the margins of a task to its answers."""
    return _LINKS[task]


def answers_of(margins: Values, task: Task) -> Values:
    """Return (n,) points or probabilities of a hit, or (n, m) of each of m classes.

    Parameters
    ----------
    margins
        (n, m) margins; one a row but for classes.

    Examples
    --------
    >>> answers_of(np.zeros((1, 1)), "binary"), answers_of(np.zeros((1, 2)), "multiclass")
    (array([0.5]), array([[0.5, 0.5]]))
    """
    if task == "multiclass":
        return np.asarray(softmax(margins, axis=1))
    return np.asarray(expit(margins[:, 0])) if task == "binary" else margins[:, 0]
