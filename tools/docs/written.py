"""The page of what is written: the columns of every table that a command writes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from tools.docs.columns import meaning_of, possible
from tools.docs.markdown import cell, code, table
from tools.docs.written_tables import WRITTEN_TABLES

from trackoracle.schema import (
    ERROR_LEVEL,
    ESTIMATED,
    HEARD_COLUMNS,
    INPUT_GROUPS,
    TRACK_COLUMNS,
    WRITTEN_ENDINGS,
    AnswerColumn,
    Column,
    Hit,
    Popularity,
    Target,
    Tier,
    answer_columns,
)

_KINDS: Mapping[type, str] = {float: "number", int: "whole", bool: "true or false", str: "text"}
_INTRO = f"""# What is written: columns of predict, listen, rank and others

Output columns, one by one: of a prediction, of a recording that was heard, and of the tables that
`explain`, `rank`, `similar`, `triage` and `playlist` write with `-o`. Files are
{", ".join(map(code, WRITTEN_ENDINGS))}; predictions have the same columns in Python and
[over HTTP](http.md). What is read is told under [columns and file formats](columns.md).
"""
_PREDICT = f"""## Columns of predict

`trackoracle predict ... -o predictions.csv`, `oracle.predict(tracks)`: a row a track, in the order
of the input. Which columns it has depends on what the oracle predicts. `known` names input groups:
{", ".join(map(code, INPUT_GROUPS))}.
Where it is empty, the answer is what tracks get in general.
"""
_TARGETS: tuple[tuple[str, Target, str], ...] = (
    (
        "Of an oracle of popularity",
        Popularity(),
        "The starter oracle, and what `train` makes where nothing else is asked. The edges of "
        "tiers, and what a hit is, are those of the oracle: `train --tiers 25,50,75`, "
        "`--hit-above 70`. An edge belongs to the tier below it.",
    ),
    (
        "Of an oracle of hits",
        Hit(),
        "`train --target hit`. The threshold is chosen in training. `p_hit` is told at the share "
        "of hits that `--base-rate` states, of `train` or `predict`, else at the catalog's own.",
    ),
    (
        "Of an oracle of tiers",
        Tier(),
        "`train --target tier`, here with the edges that are the default.",
    ),
)
_LISTEN = f"""## Columns of listen

`trackoracle listen demos/ -o demos.csv`: a row a recording, which every command takes as a track.
Empty is what could not be told, as the tempo of what has no beat. Of the {len(ESTIMATED)} features
that are [estimated](../hearing.md#what-is-estimated), `_low` and `_high` are bounds: the true value
lies between them with {100 * ERROR_LEVEL:g} % probability. How the others are told, and how well:
[what is measured](../hearing.md#what-is-measured).
"""
_LISTS = """Lists in text are joined by `;`. In the CSV of a list that people open, text that a
spreadsheet may take for a formula begins with an apostrophe; Parquet and JSON lines hold it as it
is.
"""


def page() -> str:
    """Return the page of what is written."""
    parts = [_INTRO, _PREDICT]
    for title, target, said in _TARGETS:
        rows = [_answer(column) for column in answer_columns(target)]
        parts += [f"### {title}", said, _table(rows)]
    parts += [_LISTEN, _table([_heard(name) for name in HEARD_COLUMNS])]
    for command, (said, columns) in WRITTEN_TABLES.items():
        rows = [[code(name), cell(meaning), values] for name, meaning, values in columns]
        parts += [f"## Columns of {command}", said, _table(rows)]
    return "\n\n".join([*parts, _LISTS])


def _table(rows: Sequence[Sequence[str]]) -> str:
    return table(["column", "meaning", "values"], rows)


def _answer(column: AnswerColumn) -> list[str]:
    values = _KINDS[column.kind]
    if column.low is not None and column.high is not None:
        values = f"{'whole, ' if column.kind is int else ''}{column.low:g} to {column.high:g}"
        values += f" {column.unit}" if column.unit else ""
    return [code(column.name), cell(column.meaning), values]


def _heard(name: str) -> list[str]:
    if name == "file":
        return [code(name), "Path of the recording, read back as `track_id`.", "text"]
    # What was not measured is empty here, whatever files of others write for it.
    column = replace(TRACK_COLUMNS[name], not_measured=None)
    return [code(name), _meaning(column), possible(column)]


def _meaning(column: Column) -> str:
    estimated = column.name in ESTIMATED
    return f"{meaning_of(column)} Estimated." if estimated else meaning_of(column)
