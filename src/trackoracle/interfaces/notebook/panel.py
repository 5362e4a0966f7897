"""The widget: controls on one side, on the other what the oracle says of how they stand."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import ipywidgets as ipw

from trackoracle.errors import SourceError, TrackOracleError
from trackoracle.interfaces.notebook.fields import Field, field_of, listed
from trackoracle.oracle import Oracle
from trackoracle.rendering import (
    GENRES,
    answer_html,
    control_groups,
    error_html,
    finite,
    typical_of,
    typical_row,
    with_errors,
)
from trackoracle.schema import (
    Explanation,
    Popularity,
    Rows,
    as_polars,
    published_name,
)

_FIRST_GENRE = "pop"
_OPEN = ("Genre", "Sound")
NO_PAGE = (
    "trackoracle widget: it shows in a notebook, and this place shows text alone. Run `jupyter "
    "lab` (pip install jupyterlab) and let oracle.widget() be the last line of a cell; without a "
    "notebook, `trackoracle app` is the same page. Asked from here: widget.set_track(row), "
    "widget.answer."
)
"""What stands where no widget can: plain Python, IPython in a terminal, a page without support."""


class OracleWidget:
    """Controls and answer, as `oracle.widget()` returns it.

    Parameters
    ----------
    oracles
        By the names that are chosen from.
    track
        What it begins with; None for a typical track.
    level
        Of the interval.
    """

    def __init__(self, oracles: Mapping[str, Oracle], track: Rows | None, level: float) -> None:
        self._oracles, self._level = dict(oracles), level
        self._is_still = False
        self._fields: dict[str, Field] = {}
        self._heard: Mapping[str, Any] = {}
        self._told: Explanation | None = None
        self._sent: dict[str, Any] = {}
        self._model = ipw.Dropdown(options=list(oracles), description="Oracle")
        self._threshold = ipw.IntSlider(
            70, 0, 99, description="A hit is above", continuous_update=False,
            style={"description_width": "initial"}, layout={"width": "22em"},
        )  # fmt: skip
        self._restart = ipw.Button(
            description="Begin from the genre", icon="refresh", layout={"width": "auto"},
            tooltip="Put every number at what is typical of the genre that is chosen",
        )  # fmt: skip
        self._controls = ipw.VBox(layout={"flex": "1 1 23em", "min_width": "18em"})
        self._answer = ipw.HTML()
        right = ipw.VBox(
            [self._threshold, self._answer], layout={"flex": "1 1 28em", "min_width": "18em"}
        )
        above = [self._model] if len(self._oracles) > 1 else []
        self.box = ipw.VBox(
            [
                *above,
                ipw.HBox(
                    [self._controls, right], layout={"flex_flow": "row wrap", "grid_gap": "0 24px"}
                ),
            ]
        )
        self._build(track)
        self._model.observe(self._change_oracle, "value")
        self._threshold.observe(self._ask, "value")
        self._restart.on_click(self._begin_from_genre)

    @property
    def oracle(self) -> Oracle:
        """The oracle that answers."""
        return self._oracles[self._model.value]

    @property
    def sent(self) -> dict[str, Any]:
        """What was asked last: the values that are known, by column."""
        return dict(self._sent)

    @property
    def explanation(self) -> Explanation | None:
        """What was answered; None after values that cannot be meant."""
        return self._told

    @property
    def answer(self) -> dict[str, Any]:
        """What `predict` says, by column; empty after values that cannot be meant."""
        return {} if self._told is None else dict(self._told.answer)

    def choose(self, name: str) -> None:
        """Let another of the oracles answer, about the same track."""
        self._model.value = name

    def set_track(self, track: Rows) -> None:
        """Set every control as a track has it, and ask.

        Parameters
        ----------
        track
            A mapping, a frame of one row, or what was heard; what is missing is not known.
        """
        self._give(_track(track, self.oracle))
        self._ask()

    def _build(self, track: Rows | None) -> None:
        """Make the controls of the oracle that is chosen, and ask about a track."""
        groups = control_groups(self.oracle.contract)
        self._fields = {c.name: field_of(c) for _, of_group in groups for c in of_group}
        parts = [
            ipw.Accordion(
                [ipw.VBox([self._fields[c.name].box for c in of_group])], titles=(name,),
                selected_index=0 if name in _OPEN or len(groups) == 1 else None,
            )
            for name, of_group in groups
        ]  # fmt: skip
        self._controls.children = (*parts, self._restart)
        is_points = isinstance(self.oracle.target, Popularity)
        self._threshold.layout.display = None if is_points else "none"
        with self._still():
            if isinstance(self.oracle.target, Popularity):
                self._threshold.value = int(self.oracle.target.hit_above)
        if track is None:
            track = typical_row(self.oracle, _first_genres(self.oracle))
        # Of nothing known nothing can be read; every control then says so.
        self._give(_track(track, self.oracle) if track != {} else _Track({}, {}))
        for field in self._fields.values():
            field.watch(self._ask)
        self._ask()

    def _give(self, track: _Track) -> None:
        typical = typical_of(self.oracle, listed(track.typed.get(GENRES)))
        with self._still():
            for name, field in self._fields.items():
                field.give(track.given.get(name), track.typed.get(name), typical.get(name))
        self._heard = track.given

    def _asked(self) -> dict[str, Any]:
        """Return the row that is asked about; a feature set by hand is no longer estimated."""
        row = {name: field.value for name, field in self._fields.items()}
        known = {name: value for name, value in row.items() if value not in (None, "", [])}
        kept = [name for name in known if not self._fields[name].is_moved]
        return with_errors(known, self._heard, kept)

    def _ask(self, _: Any = None) -> None:
        """Ask about how the controls stand, and show what is said of it."""
        if self._is_still:
            return
        self._sent, self._told = self._asked(), None
        try:
            self._told = self.oracle.explain(self._sent, level=self._level)
            is_points = isinstance(self.oracle.target, Popularity)
            spread = self.oracle.distribution(self._sent) if is_points else None
        except TrackOracleError as error:
            self._answer.value = error_html(error.message)
            return
        sent = json.dumps(finite(self._sent), ensure_ascii=False, default=str)
        self._answer.value = answer_html(
            self._told, self.oracle.target, spread, threshold=self._threshold.value, sent=sent
        )

    def _change_oracle(self, _: Any) -> None:
        try:
            self._build(self._asked())
        except TrackOracleError as error:
            self._answer.value = error_html(error.message)

    def _begin_from_genre(self, _: Any) -> None:
        own = {name: f.value for name, f in self._fields.items() if f.control.kind == "text"}
        genres = listed(self._fields[GENRES].value) if GENRES in self._fields else []
        self.set_track({**typical_row(self.oracle, genres), **_known(own)})

    @contextmanager
    def _still(self) -> Iterator[None]:
        """Set controls without asking after each."""
        self._is_still = True
        try:
            yield
        finally:
            self._is_still = False

    def _repr_mimebundle_(self, **more: Any) -> dict[str, Any]:
        """Return the view for a page, and words for where none is."""
        told: dict[str, Any] = self.box._repr_mimebundle_(**more)
        return {**told, "text/plain": NO_PAGE}

    def __repr__(self) -> str:
        return NO_PAGE


def _first_genres(oracle: Oracle) -> list[str]:
    columns = oracle.contract.columns
    return [_FIRST_GENRE] if any(_FIRST_GENRE in c.known_levels for c in columns) else []


@dataclass(frozen=True)
class _Track:
    """One track by the contract's names: as it was given, and as the contract types it."""

    given: dict[str, Any]
    typed: dict[str, Any]


def _track(track: Rows, oracle: Oracle) -> _Track:
    """Read one track, as `predict` does."""
    frame, _ = as_polars(track)
    if frame.height != 1:
        raise SourceError(
            f"track: expected one, got {frame.height:,}. Give a mapping, or a frame of one row."
        )
    given: dict[str, Any] = {}
    names = {c.name for c in oracle.contract.accepted}
    for name, value in _known(frame.row(0, named=True)).items():
        meant = name if name in names else published_name(name)
        if meant in names and (name == meant or meant not in given):
            given[str(meant)] = value
    return _Track(given, _known(oracle.check(frame).tracks.row(0, named=True)))


def _known(row: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if value is not None}
