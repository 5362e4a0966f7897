"""Charts as Vega-Lite: specifications without colours, two themes, and figures made of both.

Vega-Lite is drawn in a page by its own JavaScript, where readers can point at things, and
without a browser by `vl-convert`; both come from that one library.
"""

from __future__ import annotations

import base64
import gzip
import html
import json
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, Literal

from trackoracle.optional import require

Spec = dict[str, Any]
Layer = dict[str, Any]
FONT = 'system-ui, -apple-system, "Segoe UI", Roboto, "DejaVu Sans", sans-serif'
WIDTH, WIDE = 460, 940
"""Widths of figures outside of a page, in pixels."""
_AXES = 80
"""What axes and their labels take of a width, about."""
_VERSION = "6.4"
_SCALE = 2


@dataclass(frozen=True)
class Figure:
    """One chart.

    Parameters
    ----------
    name
        Short stable name: of the file, and of the place in the page.
    title, note
        What it shows, and how to read it.
    spec
        Vega-Lite without width and colours.
    wide
        Whether it takes the whole width of a page.
    least
        Below this width, in pixels, it is scrolled.
    """

    name: str
    title: str
    note: str
    spec: Spec = field(repr=False)
    wide: bool = False
    least: int = 0

    @property
    def described(self) -> Spec:
        """The specification with what it shows in words, for who cannot see it."""
        return {**self.spec, "description": f"{self.title}. {self.note}".strip()}


def chart(
    height: float, *layers: Layer, rows: list[dict[str, Any]] | None = None, **more: Any
) -> Spec:
    """Lay marks over one another in one view as wide as its place."""
    spec: Spec = {
        "$schema": "https://vega.github.io/schema/vega-lite/v6.json",
        "width": "container",
        "height": height,
        "autosize": {"type": "fit-x", "contains": "padding"},
        "layer": list(layers),
        **more,
    }
    return spec if rows is None else {**spec, "data": {"values": rows}}


def mark(
    kind: str,
    style: str,
    encoding: dict[str, Any],
    rows: list[dict[str, Any]] | None = None,
    **more: Any,
) -> Layer:
    """Return one layer: marks of a kind in a style of the theme, of the view's rows or its own."""
    transform = {"transform": more.pop("transform")} if "transform" in more else {}
    layer: Layer = {"mark": {"type": kind, "style": style, **more}, "encoding": encoding}
    return {**({"data": {"values": rows}} if rows is not None else {}), **transform, **layer}


def quantity(name: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """Encode a number; a title of None keeps the axis without one."""
    return {"field": name, "type": "quantitative", "title": title, **more}


def level(name: str, title: str | None = None, **more: Any) -> dict[str, Any]:
    """Encode a name, in the order of the rows."""
    return {"field": name, "type": "nominal", "title": title, "sort": None, **more}


def between(x: dict[str, Any]) -> dict[str, Any]:
    """Encode an interval, from the field `low` to `high`, along an axis."""
    return {"x": {**x, "field": "low"}, "x2": {"field": "high"}}


def names_axis(most: int = 22) -> dict[str, Any]:
    """Return an axis of names that are written whole, in lines of at most some letters."""
    words = f"(.{{1,{most}}})(?:\\\\s+|$)|(.{{{most}}})"
    lines = f"trim(replace(datum.label, regexp('{words}', 'g'), '$1$2\\n'))"
    return {"labelExpr": f"split({lines}, '\\n')", "labelLimit": 0, "ticks": False}


def tips(*named: tuple[str, str], **formats: str) -> list[dict[str, Any]]:
    """Say fields on pointing: (field, what it is called), numbers in a format by field."""
    return [
        {
            "field": name,
            "title": title,
            **(
                {"type": "quantitative", "format": formats[name]}
                if name in formats
                else {"type": "nominal"}
            ),
        }
        for name, title in named
    ]


def theme(tone: Literal["light", "dark"]) -> dict[str, Any]:
    """Return the colours and letters of the pages, safe for the colour-blind (Okabe and Ito)."""
    c = _TONES[tone]
    letters = {"font": FONT}
    return {
        "aria": False,
        "background": None,
        "font": FONT,
        "padding": 4,
        "view": {"stroke": None},
        "mark": {"color": c["main"], "aria": False},
        "axis": {
            "labelColor": c["soft"], "titleColor": c["soft"], "gridColor": c["line"],
            "domainColor": c["axis"], "tickColor": c["axis"], "labelFontSize": 12,
            "titleFontSize": 12, "titleFontWeight": "normal", "labelLimit": 170, "titlePadding": 8,
        },
        "axisQuantitative": {"labelFlush": False, "labelOverlap": True, "tickCount": 7},
        "legend": {
            "labelColor": c["soft"], "titleColor": c["soft"], "labelFontSize": 12,
            "titleFontSize": 12, "titleFontWeight": "normal", "orient": "top",
            "gradientLength": 160, "gradientThickness": 10, "symbolStrokeWidth": 2.5,
            "titleLimit": 320,
        },
        "title": {
            "color": c["ink"], "subtitleColor": c["soft"], "anchor": "start", "fontSize": 15,
            "subtitleFontSize": 12, "offset": 12, **letters,
        },
        "range": {
            "category": c["series"], "ordinal": c["series"], "ramp": c["ramp"],
            "heatmap": c["ramp"], "diverging": c["diverging"],
        },
        "bar": {"discreteBandSize": {"band": 0.72}},
        "style": {
            "main": {"color": c["main"]},
            "soft": {"color": c["soft"], "opacity": 0.45},
            "other": {"color": c["series"][1]},
            "up": {"color": c["main"]},
            "down": {"color": c["series"][1]},
            "cut": {"color": c["card"], "strokeWidth": 4},
            "box": {"color": c["main"], "opacity": 0.38},
            "whisker": {"color": c["soft"], "strokeWidth": 1.4, "size": 1.4},
            "median": {"color": c["ink"], "thickness": 2.4},
            "interval": {"color": c["main"], "strokeWidth": 2},
            "band": {"color": c["main"], "opacity": 0.18},
            "line": {"color": c["main"], "strokeWidth": 2.2},
            "trend": {"strokeWidth": 2.2},
            "point": {"color": c["main"], "filled": True, "size": 55, "opacity": 1},
            "hollow": {"filled": True, "opacity": 0.85, "stroke": c["card"], "strokeWidth": 0.6},
            "mean": {
                "color": c["ink"], "filled": True, "size": 34, "shape": "diamond", "opacity": 1,
            },
            "guide": {"color": c["soft"], "strokeDash": [5, 4], "strokeWidth": 1.2},
            "cell": {"stroke": None},
            "on_strong": {"color": c["on_strong"], "fontSize": 11.5, **letters},
            "on_weak": {"color": c["ink"], "fontSize": 11.5, **letters},
            "label": {"color": c["ink"], "fontSize": 12, **letters},
            "aside": {"color": c["soft"], "fontSize": 12, **letters},
            "heading": {"color": c["ink"], "fontSize": 12.5, "fontWeight": 600, **letters},
            # Text over cells of any shade: its outline is drawn first, in the colour of the card.
            "halo": {
                "color": c["card"], "stroke": c["card"], "strokeWidth": 4, "strokeJoin": "round",
                "fontSize": 12.5, "fontWeight": 650, **letters,
            },
            "over": {"color": c["ink"], "fontSize": 12.5, "fontWeight": 650, **letters},
            "under": {"color": c["card"], "strokeWidth": 2.2, "opacity": 0.75},
            "guide_over": {"color": c["ink"], "strokeDash": [5, 4], "strokeWidth": 1.2},
        },
    }  # fmt: skip


_TONES: dict[str, dict[str, Any]] = {
    "light": {
        "ink": "#1d1f24", "soft": "#5d616b", "line": "#e6e4dd", "axis": "#a9a8a2",
        "card": "#ffffff", "main": "#0072b2", "on_strong": "#ffffff",
        "series": ["#0072b2", "#d55e00", "#00866a", "#b3568f", "#a67c00", "#6b6b6b"],
        "ramp": ["#eef4f9", "#b9d6ea", "#6fb0d8", "#2f83bd", "#0b5a94", "#06365f"],
        "diverging": ["#8a3b00", "#d97a32", "#f3c9a4", "#f5f4f0", "#a9cfe8", "#3f8fc4", "#07487d"],
    },
    "dark": {
        "ink": "#e9e8e4", "soft": "#a4a8b2", "line": "#2c3038", "axis": "#565b66",
        "card": "#1b1e24", "main": "#56b4e9", "on_strong": "#14161a",
        "series": ["#56b4e9", "#e6883a", "#2cc29a", "#dd94c1", "#e3c14f", "#b5b5b5"],
        "ramp": ["#1f2a36", "#1f4a6b", "#2a72a3", "#4f9fd0", "#93c9ec", "#e4f3fc"],
        "diverging": ["#ffb37a", "#d07a36", "#6f4423", "#24272e", "#23506f", "#4796c9", "#a6d8f8"],
    },
}  # fmt: skip


def tones(tone: Literal["light", "dark"]) -> dict[str, str]:
    """Return the colours of a tone that stand for themselves, by name; shades of maps are none."""
    told = _TONES[tone]
    plain = {name: told[name] for name in ("ink", "soft", "line", "axis", "card", "main")}
    return plain | {f"s{i}": colour for i, colour in enumerate(told["series"]) if i}


def drawn(figure: Figure, *, titled: bool = False) -> str:
    """Draw a figure as SVG on its own, in the light theme."""
    width = WIDE if figure.wide else WIDTH
    # Room for axes is allowed for, not fitted: that would lay out every chart twice.
    inner = max(width, figure.least) - _AXES
    spec = {**figure.spec, "width": inner, "autosize": "pad"}
    if titled:
        subtitle = {"subtitle": _lines(figure.note, width // 7)} if figure.note else {}
        title = {"text": _lines(figure.title, width // 9), **subtitle}
        spec = {**spec, "title": title, "padding": 14, "background": "#ffffff"}
    svg: str = _library().vegalite_to_svg(spec, vl_version=_VERSION, config=theme("light"))
    return svg


def _lines(text: str, most: int) -> list[str]:
    import textwrap

    return textwrap.wrap(text, most)


def inline(svg: str, figure: Figure) -> str:
    """Make a drawing scale with its place in a page, and say what it is.

    Its gradients get names of their own: several drawings share a page.
    """
    for mention in ('id="', "url(#"):
        svg = svg.replace(mention, f"{mention}{figure.name}-")
    start, _, rest = svg.partition(">")
    kept = [part for part in start.split(" ") if not part.startswith(("width=", "height="))]
    return f'{" ".join(kept)} role="img" aria-label="{html.escape(figure.title)}">{rest}'


def as_png(svg: str) -> bytes:
    """Draw an SVG as PNG, twice its size."""
    png: bytes = _library().svg_to_png(svg, scale=_SCALE)
    return png


@lru_cache(maxsize=1)
def javascript() -> str:
    """Return Vega, Vega-Lite and Vega-Embed as one script that needs nothing else."""
    script: str = _library().javascript_bundle(vl_version=_VERSION)
    return script


def _library() -> Any:
    return require("vl_convert", extra="report")


def packed(text: str) -> str:
    """Pack a text for a page, to a quarter and less; no text of a catalog can be read as HTML."""
    return base64.b64encode(gzip.compress(text.encode(), mtime=0)).decode()


def as_json(facts: Any) -> str:
    """Write plain data as JSON, in as few letters as it needs."""
    return json.dumps(facts, ensure_ascii=False, allow_nan=False, separators=(",", ":"))
