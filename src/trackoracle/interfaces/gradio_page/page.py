"""The page: which oracle, the track, the answer, and what is said of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import wraps
from html import escape
from inspect import Parameter, Signature
from pathlib import Path
from typing import Any

import gradio as gr

from trackoracle.audio import ENDINGS
from trackoracle.errors import TrackOracleError
from trackoracle.interfaces.gradio_page.asking import Held, Row, hear, row_of, shown
from trackoracle.interfaces.gradio_page.flagging import Flags
from trackoracle.interfaces.gradio_page.parts import (
    can_be_left_out,
    comment_box,
    component,
    shown_by,
)
from trackoracle.rendering import (
    GENRES,
    error_html,
    honesty_sentence,
    note_html,
    typical_of,
    typical_row,
)
from trackoracle.schema import VERDICTS, Popularity

TITLE = "TrackOracle"
_FIRST_GENRE = "pop"
_CLEANED_SECONDS = 3600
_WAITING = 64
"""Questions that may wait at a time."""


def build(held: Held) -> gr.Blocks:
    """Build the page on what is held."""
    return _Page(held).blocks


class _Page:
    """The components of the page, and what happens when they are moved."""

    def __init__(self, held: Held) -> None:
        self._held, self._flags = held, Flags(held)
        first = next(iter(held.oracles.values()))
        known = any(_FIRST_GENRE in c.known_levels for c in first.contract.columns)
        self._start = typical_row(first, [_FIRST_GENRE] if known else [])
        self.blocks = gr.Blocks(
            analytics_enabled=False, title=TITLE, delete_cache=(_CLEANED_SECONDS, _CLEANED_SECONDS)
        )
        with self.blocks:
            self._lay_out(first)
            self._wire()
        self.blocks.queue(default_concurrency_limit=held.limits.jobs, max_size=_WAITING)

    def _lay_out(self, first: Any) -> None:
        names = list(self._held.oracles)
        gr.Markdown(f"# {TITLE}\nHow popular a track may become, how sure that is, and why.")
        self._model = gr.Dropdown(names, value=names[0], label="Oracle", visible=len(names) > 1)
        with gr.Row(elem_classes="to-sides"):
            with gr.Column(min_width=320):
                self._lay_out_controls(first)
            with gr.Column(min_width=320):
                self._answer = gr.HTML()
                self._threshold = gr.Slider(
                    0, 99, _hit_above(first), step=1, label="A hit is a track above so many points",
                    visible=isinstance(first.target, Popularity),
                )  # fmt: skip
                self._honesty = gr.HTML(_honesty(first))
                with gr.Accordion("As data", open=False):
                    self._sent = gr.JSON(label="What was asked")
                    self._said = gr.JSON(label="What predict says")
                self._lay_out_flag()

    def _lay_out_controls(self, first: Any) -> None:
        typical = typical_of(first, self._start.get(GENRES, []))
        limits = self._held.limits
        gr.Markdown(
            f"A recording, if there is one: at most {limits.file_mb} MB and "
            f"{limits.audio_seconds / 60:.0f} minutes of it. It is heard here, then deleted."
        )
        self._file = gr.File(
            label="Recording", file_types=sorted(ENDINGS), type="filepath", height=140
        )
        self._note = gr.HTML()
        self._heard = gr.State({})
        names = first.contract.names
        told = [c for c in self._held.controls if can_be_left_out(c)]
        self._left_out = gr.CheckboxGroup(
            [(c.label, c.name) for c in told],
            value=[c.name for c in told if c.name not in self._start],
            label="Leave out, as not known",
            info="What is left out widens the answer; it is never taken for zero.",
        )
        ordered = sorted(self._held.controls, key=lambda c: c.kind in ("number", "length"))
        parts = {
            c.name: component(
                c, self._start.get(c.name), typical.get(c.name), visible=c.name in names
            )
            for c in ordered
        }
        self._parts = [parts[c.name] for c in self._held.controls]
        self._restart = gr.Button("Begin from the genre", size="sm")

    def _lay_out_flag(self) -> None:
        with gr.Accordion("Flag this answer", open=False):
            self._verdict = gr.Radio(list(VERDICTS), label="The answer is")
            self._actual = gr.Number(label="What it became, if known", value=None)
            self._comment = comment_box()
            gr.Markdown(
                "Kept with it: what was asked, the answer, which oracle, the time; nothing of you."
            )
            self._send = gr.Button("Send", variant="primary")
            self._thanks = gr.Textbox(show_label=False, container=False, interactive=False)

    def _wire(self) -> None:
        asked = [self._model, self._threshold, self._left_out, self._heard, *self._parts]
        shown_in = [self._answer, self._sent, self._said]
        ask = _named(self._ask, self._names)
        quietly: dict[str, Any] = {
            "inputs": asked, "outputs": shown_in, "show_progress": "hidden",
        }  # fmt: skip
        unseen: dict[str, Any] = {"api_visibility": "private"}
        movers = [self._threshold, self._left_out, *self._parts]
        gr.on([part.input for part in movers], ask, trigger_mode="always_last",
              api_name="predict", **quietly)  # fmt: skip
        self.blocks.load(ask, **quietly, **unseen)
        fit = [self._threshold, self._honesty, *self._parts]
        self._model.input(self._choose, self._model, fit, **unseen).then(ask, **quietly, **unseen)
        whole = [self._left_out, *self._parts]
        self._file.upload(
            self._hear, self._file, [self._note, self._heard, *whole], api_name="hear"
        ).then(ask, **quietly, **unseen)
        self._file.clear(lambda: ("", {}), None, [self._note, self._heard], **unseen)
        self._restart.click(self._begin, [self._model, *self._parts], whole, **unseen).then(
            ask, **quietly, **unseen
        )
        said = [self._verdict, self._actual, self._comment]
        flag = _named(self._flag, ["verdict", "actual", "comment", *self._names], with_request=True)
        self._send.click(flag, [*said, *asked], self._thanks, api_name="flag")

    @property
    def _names(self) -> list[str]:
        """What is asked, by the names that clients call it."""
        lengths = {c.name for c in self._held.controls if c.kind == "length"}
        told = [
            c.name.removesuffix("_ms") + "_seconds" if c.name in lengths else c.name
            for c in self._held.controls
        ]
        return ["oracle", "hit_above", "left_out", "heard", *told]

    def _ask(
        self, name: str, threshold: float, left_out: Sequence[str], heard: Row, *values: Any
    ) -> tuple[str, Row, Row]:
        try:
            row = row_of(self._held, name, left_out or (), heard or {}, values)
        except TrackOracleError as error:
            return error_html(error.message), {}, error.to_dict()
        return shown(self._held, name, row, threshold)

    def _choose(self, name: str) -> list[Any]:
        """Show the controls of another oracle; they stay as they stand."""
        oracle = self._held.oracle(name)
        is_points = isinstance(oracle.target, Popularity)
        return [
            gr.update(visible=is_points, value=_hit_above(oracle)),
            _honesty(oracle),
            *(gr.update(visible=c.name in oracle.contract.names) for c in self._held.controls),
        ]

    def _hear(self, path: str) -> list[Any]:
        """Listen to what was sent; the controls then stand where it was heard to be."""
        try:
            told, row = hear(self._held, Path(path))
        except TrackOracleError as error:
            untouched = [gr.skip() for _ in range(1 + len(self._parts))]
            return [error_html(error.message), {}, *untouched]
        title = str(told.tags.get("track_name") or Path(told.file).name)
        note = note_html(f"Heard: {title}. Everything below is as it was heard.")
        return [note, row, *self._stand(row)]

    def _begin(self, name: str, *values: Any) -> list[Any]:
        """Put every number at what is typical of the genre that is chosen."""
        named = dict(zip((c.name for c in self._held.controls), values, strict=True))
        row = typical_row(self._held.oracle(name), named.get(GENRES) or [])
        texts = {c.name for c in self._held.controls if c.kind == "text"}
        return self._stand({**row, **{n: v for n, v in named.items() if n in texts and v}})

    def _stand(self, row: Row) -> list[Any]:
        """Return how the controls stand for a track; what it lacks is left out."""
        sliding = [c for c in self._held.controls if can_be_left_out(c)]
        updates: list[Any] = [[c.name for c in sliding if row.get(c.name) is None]]
        for control in self._held.controls:
            value = row.get(control.name)
            keeps = value is None and can_be_left_out(control)
            updates.append(gr.skip() if keeps else shown_by(control, value))
        return updates

    def _flag(
        self, request: gr.Request, verdict: Any, actual: Any, comment: Any, *asked: Any
    ) -> str:
        name, _, left_out, heard, *values = asked
        try:
            row = row_of(self._held, name, left_out or (), heard or {}, values)
        except TrackOracleError as error:
            return error.message
        return self._flags.keep(request.session_hash, name, row, verdict, actual, comment)


def _named(
    function: Callable[..., Any], names: Sequence[str], *, with_request: bool = False
) -> Callable[..., Any]:
    """Name the arguments of a function of any number, as Gradio tells them to clients."""

    @wraps(function)
    def named(*values: Any) -> Any:
        return function(*values)

    before = [Parameter("request", Parameter.POSITIONAL_OR_KEYWORD, annotation=gr.Request)]
    told = [Parameter(name, Parameter.POSITIONAL_OR_KEYWORD) for name in names]
    named.__signature__ = Signature([*before, *told] if with_request else told)  # type: ignore[attr-defined]
    named.__annotations__ = {"request": gr.Request} if with_request else {}
    return named


def _hit_above(oracle: Any) -> int:
    return int(oracle.target.hit_above) if isinstance(oracle.target, Popularity) else 70


def _honesty(oracle: Any) -> str:
    return f'<p class="to-honest">{escape(honesty_sentence(oracle.report))}</p>'
