"""The text of an oracle's card as a page shows it: its headings and tables, and nothing else."""

from __future__ import annotations

import re

from trackoracle.interfaces.web.showing import plain

_HEADING = re.compile(r"(#{1,4}) (.*)")
_RULE = re.compile(r"\|[-:|]+\|")
_BOLD = re.compile(r"\\\*\\\*(.+?)\\\*\\\*")
_DEEPER = "#"
"""The page has a heading of its own above."""


def card_markdown(card: str) -> str:
    r"""Return a card as Markdown whose headings, lists, tables and bold letters are kept.

    An oracle's file is not trusted: no link, image, HTML or directive of its texts is left.

    Examples
    --------
    >>> print(card_markdown("# Oracle\n- **linear** ![x](y) <b>"))
    ## Oracle
    - **linear** \!\[x\]\(y\) \<b\>
    """
    return "\n".join(map(_line, card.splitlines()))


def _line(line: str) -> str:
    if heading := _HEADING.fullmatch(line):
        return f"{_DEEPER}{heading[1]} {_text(heading[2])}"
    if _RULE.fullmatch(line):
        return line
    if line.startswith("| ") and line.endswith(" |"):
        return f"| {' | '.join(map(_text, line[2:-2].split(' | ')))} |"
    if line.startswith("- "):
        return f"- {_text(line[2:])}"
    return _text(line)


def _text(text: str) -> str:
    return _BOLD.sub(r"**\1**", plain(text.strip()))
