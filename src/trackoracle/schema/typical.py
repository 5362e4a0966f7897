"""What a column is like in the tracks of a genre."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Typical:
    """The values that tracks of a genre have in one column.

    Parameters
    ----------
    middle
        The median; of codes the commonest.
    low, high
        All but one track in a hundred on either side lie between; of codes, the lowest and the
        highest that are not rarer than that.
    """

    middle: float
    low: float
    high: float
