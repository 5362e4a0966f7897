"""Points in boxes: the nearest ones exactly, most boxes never opened.

Points are halved at the median of the coordinate that varies most until a box holds about 128
(a k-d tree of which only the leaves are kept). A box's corners tell the least distance that any
point in it can have; boxes are opened in that order until the next one lies beyond the worst of
the nearest. What is added to a squared distance, never negative, leaves that bound true, and so
does a query that lacks coordinates: one structure answers every question, exactly.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float32]
Rows = NDArray[np.int32]
Flags = NDArray[np.bool_]
Take = Callable[[Points, Rows], float]
"""Takes squared distances and their rows; returns the distance beyond which none is wanted."""

IN_A_BOX = 128
_SAMPLED = 8_192
_FIRST, _MOST = 8, 512
_SLACK = np.float32(1 - 1e-5)  # single precision must not close a box that holds an answer


@dataclass(frozen=True, eq=False)
class Boxes:
    """Points, sorted into boxes.

    Parameters
    ----------
    rows
        (b, w) the row of each point; -1 in a box that is not full.
    points
        (b, c, w) coordinates, infinite where there is no row.
    low, high
        (c, b) corners.
    """

    rows: Rows
    points: Points
    low: Points
    high: Points

    @classmethod
    def of(cls, points: Points, rows: Rows) -> Boxes:
        """Sort points (m, c), none missing, with their rows (m,)."""
        return cls.placed(points, rows, _sorted(points))

    @classmethod
    def placed(cls, points: Points, rows: Rows, places: Rows) -> Boxes:
        """Put points into boxes by places (b, w) among them, -1 for none."""
        empty = places < 0
        filled = np.ascontiguousarray(points[places].transpose(0, 2, 1))
        filled.transpose(0, 2, 1)[empty] = np.nan
        if points.shape[0]:
            low, high = np.nanmin(filled, axis=2).T, np.nanmax(filled, axis=2).T
        else:
            low = high = np.zeros((points.shape[1], 0), np.float32)
        filled.transpose(0, 2, 1)[empty] = np.inf
        kept = np.where(empty, np.int32(-1), rows[places]) if len(rows) else places
        return cls(kept, filled, np.ascontiguousarray(low), np.ascontiguousarray(high))

    def search(self, point: Points, take: Take) -> None:
        """Show points to `take`, the nearest boxes first, until it wants none that is left.

        Parameters
        ----------
        point
            (c,), NaN where the query lacks a coordinate: none is compared by it.
        """
        use = np.flatnonzero(~np.isnan(point))
        all_used = len(use) == len(point)
        at = point[use]
        low, high = (self.low, self.high) if all_used else (self.low[use], self.high[use])
        outside = np.maximum(low - at[:, None], at[:, None] - high)
        np.maximum(outside, 0, out=outside)
        least = np.einsum("cb,cb->b", outside, outside) * _SLACK
        limit, size = np.inf, _FIRST
        waiting = np.argpartition(least, _FIRST) if len(least) > _FIRST else np.argsort(least)
        while len(waiting):
            opened, waiting = waiting[:size], waiting[size:]
            gaps = self.points[opened] if all_used else self.points[opened[:, None], use]
            gaps -= at[None, :, None]
            limit = take(np.einsum("bcw,bcw->bw", gaps, gaps).ravel(), self.rows[opened].ravel())
            # Sorted once only, when the first boxes have told how far it is worth looking.
            if size == _FIRST:
                waiting = waiting[least[waiting] <= limit]
                waiting = waiting[np.argsort(least[waiting], kind="stable")]
            else:
                waiting = waiting[: np.searchsorted(least[waiting], limit, "right")]
            size = min(2 * size, _MOST)


def _sorted(points: Points) -> Rows:
    """Return the place of each point in its box: (b, w), -1 for none."""
    n_halvings = max(0, int(np.ceil(np.log2(max(len(points), 1) / IN_A_BOX))))
    parts = [np.arange(len(points), dtype=np.int32)] if len(points) else []
    for _ in range(n_halvings):
        halves = []
        for part in parts:
            some = points[part[:: -(-len(part) // _SAMPLED)]]
            along = points[part, int(some.var(axis=0).argmax())]
            middle = len(part) // 2
            order = np.argpartition(along, middle)
            halves += [np.sort(part[order[:middle]]), np.sort(part[order[middle:]])]
        parts = halves
    places = np.full((len(parts), max(map(len, parts), default=1)), -1, np.int32)
    for box, part in zip(places, parts, strict=True):
        box[: len(part)] = part
    return places
