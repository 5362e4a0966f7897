"""Feedback as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

from rich import box
from rich.console import Group, RenderableType
from rich.markup import escape
from rich.table import Table
from rich.text import Text

from trackoracle.schema import Feedback

_ANSWERS = ("popularity", "p_hit", "tier")


def feedback_table(rows: Sequence[Feedback], n_all: int) -> RenderableType:
    """Show feedback, and how much more there is.

    Parameters
    ----------
    rows
        What is shown.
    n_all
        How many there are.
    """
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, padding=(0, 1, 0, 0))
    for head in ("id", "when (UTC)", "oracle", "answer", "verdict", "actual"):
        side: Literal["left", "right"] = "right" if head in ("id", "actual") else "left"
        table.add_column(head, justify=side, no_wrap=head != "oracle", overflow="fold")
    table.add_column("comment", overflow="fold", min_width=12, max_width=48)
    for row in rows:
        table.add_row(
            str(row.id or ""),
            f"{row.at:%Y-%m-%d %H:%M}",
            escape(row.oracle),
            escape(told_answer(row)),
            row.verdict,
            "" if row.actual is None else f"{row.actual:g}",
            escape(row.comment.replace("\n", " ")),
        )
    left = n_all - len(rows)
    if not left:
        return table
    note = f"... and {left:,} more; `trackoracle feedback export -o F.csv` writes all"
    return Group(table, Text(note, style="dim"))


def told_answer(feedback: Feedback) -> str:
    """Return the number that was said of, by its name; empty where there is none.

    Examples
    --------
    >>> said = Feedback("starter", "", {}, {"popularity": 41.53, "p_hit": 0.1}, "too low", "app",
    ...                 "0123456789abcdef")
    >>> told_answer(said)
    'popularity 41.5'
    """
    for name in _ANSWERS:
        value = feedback.answered.get(name)
        if isinstance(value, int | float):
            digits = {"p_hit": 2, "tier": 0}.get(name, 1)
            return f"{name} {value:.{digits}f}"
    return ""
