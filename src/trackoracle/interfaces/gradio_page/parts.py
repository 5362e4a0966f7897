"""The controls as components of Gradio; what is sent by them is judged by the facade alone."""

from __future__ import annotations

from abc import ABCMeta
from typing import Any

import gradio as gr

from trackoracle.interfaces.gradio_page.asking import MS
from trackoracle.rendering import Control, slider_ends, slider_step, standing
from trackoracle.schema import COMMENT_LENGTH, CREDIT_SEPARATOR, Typical

LONGEST_TEXT = 500
_WIDEST = 1e5
"""Numbers over a wider range, as followers, are typed."""
_LATEST_SECONDS = 3600.0


def _handing_on(kind: type, **more: Any) -> Any:
    """Return a component that hands on what it is told: Gradio's own errors are not the facade's.

    Made past Gradio's metaclass, which would write a stub beside the module of each such class.
    """
    own = {"is_template": True, "preprocess": lambda _, payload: payload, **more}
    return ABCMeta.__new__(type(kind), kind.__name__, (kind,), own)


_NUMBER = {"anyOf": [{"type": "number"}, {"type": "null"}], "description": "null: not known"}
Slider = _handing_on(gr.Slider, api_info=lambda _: _NUMBER)
Dropdown = _handing_on(gr.Dropdown)


def component(control: Control, value: Any, typical: Typical | None, *, visible: bool) -> Any:
    """Return what sets a control."""
    told: dict[str, Any] = {"label": control.label, "info": control.meaning, "visible": visible}
    match control.kind:
        case "levels":
            return Dropdown(
                [(str(called), str(level)) for level, called in control.choices],
                value=value or [], multiselect=True, **told,
            )  # fmt: skip
        case "choice":
            codes = [("not known", ""), *((called, code) for code, called in control.choices)]
            return Dropdown(codes, value="" if value is None else float(value), **told)
        case "number" | "length":
            return _number(control, value, typical, told)
    wanted = "2026-11-27, 2026-11 or 2026" if control.kind == "date" else "not known"
    if control.name == "artists":
        wanted = f"several names with {CREDIT_SEPARATOR} between"
    return gr.Textbox(
        value=as_text(value), placeholder=wanted, max_length=LONGEST_TEXT, max_lines=1, **told
    )


def _number(control: Control, value: Any, typical: Typical | None, told: dict[str, Any]) -> Any:
    stands = standing(control, value, typical)
    low, high = slider_ends(control, stands, typical)
    unit = "s" if control.kind == "length" else control.unit
    told["label"] = f"{control.label}, {unit}" if unit else control.label
    if control.kind == "length":
        high = max(high, _LATEST_SECONDS * MS / 6)
        return Slider(low / MS, high / MS, stands / MS, step=1, **told)
    if high - low > _WIDEST:
        return gr.Number(value=value, **told)
    return Slider(low, high, stands, step=slider_step(control, high - low), **told)


def can_be_left_out(control: Control) -> bool:
    """Tell whether a control always stands somewhere, so that another says that it is not known."""
    return control.kind in ("number", "length")


def as_text(value: Any) -> str:
    """Return a text, or names joined as they are typed."""
    return CREDIT_SEPARATOR.join(value) if isinstance(value, list | tuple) else str(value or "")


def shown_by(control: Control, value: Any) -> Any:
    """Return a value as the component of its control shows it."""
    match control.kind:
        case "levels":
            return value.split(CREDIT_SEPARATOR) if isinstance(value, str) else list(value or [])
        case "choice":
            return "" if value is None else float(value)
        case "length":
            return value / MS
        case "number":
            return value
    return as_text(value)


def comment_box() -> Any:
    """Return where a user says more of an answer."""
    return gr.Textbox(
        label="Comment", lines=2, max_length=COMMENT_LENGTH,
        placeholder="What it got wrong, or right",
    )  # fmt: skip
