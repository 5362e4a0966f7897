"""What a notebook's cells are made of: texts, tables and figures as HTML that follows its tone.

Everything that comes from a catalog is escaped. Colours are variables of `notebook.css`, so one
drawing serves light and dark.
"""

from __future__ import annotations

import hashlib
import math
import re
from collections.abc import Iterable
from functools import lru_cache
from html import escape
from importlib.resources import files
from io import StringIO
from typing import Any

import polars as pl
from rich.console import Console, RenderableType
from rich.segment import Segment

from trackoracle.errors import MissingExtraError
from trackoracle.rendering.figure_files import figure_rows
from trackoracle.rendering.vega import Figure, drawn, inline, tones

MOST_ROWS = 20
"""Rows of a table; more are counted."""
_COLUMNS = 112
"""Characters of a line of what is drawn for terminals."""
_LONGEST = 300
_LEAST = 600
"""Pixels of a wide drawing."""
_COLOUR = re.compile(r"#[0-9a-f]{6}\b")
_PLACES = re.compile(r' (?:d|transform)="[^"]*"')
_FINE = re.compile(r"(?<=\.\d\d)\d+")
"""Digits that no screen shows: a map of a thousand cells is half as long without them."""
_UNREAD = re.compile(r' (?:aria-[a-z]+|role)="[^"]*"')
"""Said of parts of a drawing, which is one picture with one name."""
_DARK = (
    'html[theme="dark"] {0}', 'html[data-theme="dark"] {0}', 'body[data-theme="dark"] {0}',
    'body[data-jp-theme-light="false"] {0}', "body.vscode-dark {0}", "body.dark {0}",
    'body[data-vscode-theme-kind*="dark"] {0}', 'body[data-md-color-scheme="slate"] {0}',
)  # fmt: skip
"""How Colab, docs, Jupyter, VS Code, Gradio and mkdocs-material say that a page is dark."""
_UNSAID = (
    "html:not([theme]):not([data-theme]) "
    "body:not([data-jp-theme-light]):not([data-vscode-theme-kind]):not([data-theme])"
    ":not([data-md-color-scheme]):not(:has(.gradio-container)) {0}"
)
"""A page that says nothing: there the reader's system tells."""
_STYLES = (
    ("green", "to-good"), ("blue", "to-main"), ("cyan", "to-main"), ("yellow", "to-odd"),
    ("red", "to-odd"),
)  # fmt: skip


def page(pieces: Iterable[str]) -> str:
    """Put pieces together, with the style that they share."""
    return f'<div class="to-shown"><style>{_css()}</style>{"".join(pieces)}</div>'


def heading(text: str) -> str:
    """Return what a result is called."""
    return f"<h4>{escape(text)}</h4>"


def line(text: object, kind: str = "") -> str:
    """Return a sentence; of the kind "soft" or "warn" where it is no answer."""
    told = f' class="to-{kind}"' if kind else ""
    return f"<p{told}>{escape(str(text))}</p>" if text else ""


def lines(texts: Iterable[object], kind: str = "soft") -> str:
    """Return a sentence a line."""
    return "".join(line(text, kind) for text in texts)


def big(number: str, what: str) -> str:
    """Return the number that answers, and below it what it is."""
    told = f"{escape(number)}<small>{escape(what)}</small>"
    return f'<p class="to-big" role="status">{told}</p>'


def folded(title: str, inner: str) -> str:
    """Return what is shown once it is opened."""
    return f"<details><summary>{escape(title)}</summary>{inner}</details>"


def bullets(texts: Iterable[str]) -> str:
    """Return sentences as a list."""
    return f"<ul>{''.join(f'<li>{escape(text)}</li>' for text in texts)}</ul>"


def figure(told: Figure | None) -> str:
    """Return a figure, drawn where the extra `report` is there, else its rows as a table."""
    if told is None:
        return ""
    try:
        inner = _in_tone(drawn(told), told)
    except MissingExtraError:
        inner = table(pl.DataFrame(figure_rows(told), infer_schema_length=None, strict=False))
    note = f"<figcaption>{escape(told.note)}</figcaption>" if told.note else ""
    return f'<figure><h4>{escape(told.title)}</h4><div class="to-wide">{inner}</div>{note}</figure>'


def figures(told: Iterable[Figure]) -> str:
    """Return figures beside one another where two find room."""
    inner = "".join(map(figure, told))
    return f'<div class="to-figures">{inner}</div>' if inner else ""


def table(rows: pl.DataFrame, most: int = MOST_ROWS) -> str:
    """Return a frame as a table; what is past so many rows is counted."""
    numeric = {name for name, kind in rows.schema.items() if kind.is_numeric()}
    heads = "".join(
        f'<th scope="col"{_aligned(name in numeric)}>{escape(name)}</th>' for name in rows.columns
    )
    body = "".join(
        "<tr>"
        + "".join(f"<td{_aligned(n in numeric)}>{escape(said(v))}</td>" for n, v in row.items())
        + "</tr>"
        for row in rows.head(most).iter_rows(named=True)
    )
    shown = f'<div class="to-wide"><table><thead><tr>{heads}</tr></thead><tbody>{body}'
    rest = rows.height - most
    return f"{shown}</tbody></table></div>{line(f'and {rest:,} more', 'soft') if rest > 0 else ''}"


def said(value: Any) -> str:
    """Write a value of a table as people read it.

    Examples
    --------
    >>> said(None), said(0.123456), said(123456.0), said(["a", "b"]), said(True)
    ('', '0.123', '123,456', 'a; b', 'yes')
    """
    match value:
        case None:
            return ""
        case bool():
            return "yes" if value else "no"
        case float():
            if not math.isfinite(value):
                return ""
            return f"{value:,.0f}" if abs(value) >= 1000 or value == int(value) else f"{value:.3g}"
        case int():
            return f"{value:,}"
        case list() | tuple():
            return "; ".join(map(said, value))
    text = str(value)
    return text if len(text) <= _LONGEST else f"{text[:_LONGEST]} …"


def printed(what: RenderableType, width: int = _COLUMNS) -> str:
    """Return what is drawn for terminals, its colours as classes."""
    console = Console(
        file=StringIO(), width=width, force_terminal=True, color_system="standard",
        legacy_windows=False, highlight=False, emoji=False,
    )  # fmt: skip
    told = "".join(map(_span, console.render(what)))
    return f'<div class="to-wide"><pre>{told.rstrip()}</pre></div>'


def _span(segment: Segment) -> str:
    text, style = escape(segment.text), segment.style
    if segment.control or style is None or not text.strip():
        return "" if segment.control else text
    colour = style.color.name if style.color else ""
    for name, kind in _STYLES:
        if colour.endswith(name):
            text = f'<span class="{kind}">{text}</span>'
    if style.dim:
        text = f"<i>{text}</i>"
    return f"<b>{text}</b>" if style.bold else text


def _aligned(is_number: bool) -> str:
    return ' class="to-n"' if is_number else ""


def _in_tone(drawing: str, told: Figure) -> str:
    """Make a drawing's colours those of the page, and its names its own among many drawings.

    A drawing with shades, as of a map, stays as it is, on white: its texts are chosen for them.
    """
    width = drawing.partition('width="')[2].partition('"')[0]
    # A wide drawing is scrolled where there is no room, before its texts are too small to read.
    least = f";min-width:{_LEAST}px" if told.wide else ""
    style = f"width:{float(width):.0f}px{least}"
    svg = inline(_UNREAD.sub("", drawing), told).replace("<svg ", f'<svg style="{style}" ', 1)
    svg = _PLACES.sub(lambda m: _FINE.sub("", m[0]), svg)
    mark = hashlib.sha256(svg.encode()).hexdigest()[:8]
    for mention in ('id="', "url(#"):
        svg = svg.replace(mention, f"{mention}to{mark}-")
    if "rgb(" in svg:
        return svg.replace('class="marks"', 'class="to-paper"', 1)
    light = {colour: name for name, colour in reversed(tones("light").items())}
    return _COLOUR.sub(lambda m: f"var(--to-{light[m[0]]})" if m[0] in light else m[0], svg)


@lru_cache(maxsize=1)
def _css() -> str:
    """Return the styles, with the dark tone for every way in which a page says that it is dark."""
    told = ";".join(f"--to-{name}:{colour}" for name, colour in tones("dark").items())
    own = ".to-shown"
    dark = ",".join(way.format(own) for way in _DARK) + f"{{{told}}}"
    unsaid = f"@media (prefers-color-scheme:dark){{{_UNSAID.format(own)}{{{told}}}}}"
    text = files("trackoracle.rendering").joinpath("notebook.css").read_text("utf-8")
    return text.replace("{{dark}}", f"{dark}\n{unsaid}").strip()
