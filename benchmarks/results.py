"""What a benchmark found, as data and as a table."""

from __future__ import annotations

from dataclasses import asdict, dataclass, field
from typing import Any

from rich.table import Table


@dataclass(frozen=True)
class Line:
    """One measured thing: its cells, by the names of the result's columns."""

    what: str
    cells: dict[str, str]


@dataclass(frozen=True)
class Claim:
    """A sentence that the figures bear out or not."""

    what: str
    holds: bool


@dataclass(frozen=True)
class Result:
    """One benchmark, done.

    Parameters
    ----------
    name, question
        Which benchmark, and what it answers.
    data
        What it ran on.
    lines, claims
        What is printed.
    figures
        Every number behind it, by name.
    """

    name: str
    question: str
    data: str
    lines: tuple[Line, ...]
    claims: tuple[Claim, ...]
    figures: dict[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """Return the result as plain data."""
        return asdict(self)

    def table(self) -> Table:
        """Return the lines as a table, the claims below."""
        columns = list(dict.fromkeys(name for line in self.lines for name in line.cells))
        caption = "\n".join(f"{'yes' if c.holds else 'NO '}  {c.what}" for c in self.claims)
        table = Table(
            title=f"{self.name}: {self.question}\n{self.data}",
            title_justify="left",
            caption=caption,
            caption_justify="left",
        )
        table.add_column("")
        for name in columns:
            table.add_column(name, justify="right")
        for line in self.lines:
            table.add_row(line.what, *(line.cells.get(name, "") for name in columns))
        return table


def seconds(value: float) -> str:
    """Write a time with three digits, of a long one whole seconds.

    Examples
    --------
    >>> seconds(0.01234), seconds(1.234), seconds(2345.6)
    ('12.3 ms', '1.23 s', '2,346 s')
    """
    if value >= 100:
        return f"{value:,.0f} s"
    return f"{value * 1000:.3g} ms" if value < 1 else f"{value:.3g} s"


def megabytes(value: float) -> str:
    """Write an amount of memory given in MB."""
    return f"{value:,.0f} MB"


def ratio(value: float) -> str:
    """Write how many times as much."""
    return f"{value:.2f} x"
