"""Several files of one format become one table of tracks."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import polars as pl

from trackoracle.catalogs.adapter import Adapter, Part
from trackoracle.catalogs.reading import Table
from trackoracle.errors import SourceError, examples_of
from trackoracle.schema import Finding


def refuse_part(path: Path, names: list[str], adapters: Sequence[Adapter]) -> None:
    """Raise SourceError when a table is one file of a format of several."""
    for adapter in adapters:
        for part in adapter.parts:
            if part.is_alone(names):
                raise SourceError(
                    f"{path}: expected all of {_listed(adapter)} ({adapter.name}), got {part.name} "
                    f"alone. Name the folder that holds them: {path.parent}.",
                    path=str(path),
                )


def find_parts(
    folder: Path, tables: Sequence[Table], adapter: Adapter
) -> dict[str, pl.DataFrame] | None:
    """Tell which table is which part, or None when a table is none of this format.

    Raises
    ------
    SourceError
        When a part is missing or there twice.
    """
    found: dict[str, list[Table]] = {part.name: [] for part in adapter.parts}
    for table in tables:
        own = [part.name for part in adapter.parts if part.recognises(table.rows.columns)]
        if len(own) != 1:
            return None
        found[own[0]].append(table)
    if not any(found.values()):
        return None
    missing = [name for name, own in found.items() if not own]
    twice = [table.path.name for own in found.values() if len(own) > 1 for table in own]
    if missing or twice:
        got = f"no {' and no '.join(missing)}" if missing else f"several ({examples_of(twice)})"
        raise SourceError(
            f"{folder}: expected one each of {_listed(adapter)} ({adapter.name}), got {got}. "
            "Fetch what is missing, or remove what is too many.",
            path=str(folder),
        )
    return {name: own[0].rows for name, own in found.items()}


def join_parts(
    adapter: Adapter, tables: dict[str, pl.DataFrame]
) -> tuple[pl.DataFrame, tuple[Finding, ...]]:
    """Add to each track what the other parts know of it; tracks that find nothing stay."""
    first, *rest = adapter.parts
    rows = tables[first.name]
    findings: list[Finding] = []
    for part in rest:
        rows, found = _joined(rows, tables[part.name], part)
        findings += found
    return rows, tuple(finding for finding in findings if finding.n)


def _joined(
    rows: pl.DataFrame, others: pl.DataFrame, part: Part
) -> tuple[pl.DataFrame, list[Finding]]:
    unique = others.unique(part.key, keep="first", maintain_order=True)
    marked = unique.with_columns(pl.lit(True).alias("__found"))
    joined = rows.join(
        marked, left_on=part.on, right_on=part.key, how="left", maintain_order="left"
    )
    lost = joined["__found"].is_null()
    examples = rows.filter(lost)[part.on].drop_nulls().unique(maintain_order=True).head(3)
    return joined.drop("__found"), [
        Finding(
            f"{part.name}_rows_repeated",
            len(others) - len(unique),
            f"{part.key} in several rows of {part.name}: first row used",
            "merged",
        ),
        Finding(
            f"tracks_without_{part.name}",
            int(lost.sum()),
            f"track whose {part.on} is not in {part.name}: kept without it",
            "kept",
            tuple(str(example) for example in examples),
        ),
    ]


def _listed(adapter: Adapter) -> str:
    names = [part.name for part in adapter.parts]
    return f"{', '.join(names[:-1])} and {names[-1]}"
