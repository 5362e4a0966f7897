"""Markdown written by programs: cells that keep a table whole, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence


def cell(text: object) -> str:
    r"""Return a text on one line that no sign of breaks out of a table's cell.

    Examples
    --------
    >>> cell("a | b\nc")
    'a \\| b c'
    """
    return " ".join(str(text).replace("|", "\\|").replace("<", "&lt;").split())


def code(text: object) -> str:
    """Return a text as code within a cell; nothing for nothing.

    A bar within code breaks out of no cell of the site, and an escape of it would be shown.

    Examples
    --------
    >>> code("--level"), code("a|b"), code("")
    ('`--level`', '`a|b`', '')
    """
    told = " ".join(str(text).split())
    return f"`{told}`" if told else ""


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """Return a table of cells that are Markdown already.

    Examples
    --------
    >>> print(table(["a"], [["1"]]))
    | a |
    |---|
    | 1 |
    """
    lines = [head, *rows]
    told = [f"| {' | '.join(line)} |" for line in lines]
    return "\n".join([told[0], "|" + "---|" * len(head), *told[1:]])
