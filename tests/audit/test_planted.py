"""Every planted leak is found, and its clean twin is not accused."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import polars as pl
import pytest
from tests.audit.honest import HONEST, Honest
from tests.audit.planted import PLANTED, Plant, Planted
from tests.audit.splits import CROSSINGS, Crossing, honest_split
from tests.audit.worlds import STYLES

import trackoracle as to
from trackoracle.schema import AuditReport

pytestmark = pytest.mark.long

SEED = 11


ABOUT_A_COLUMN = {
    "golden_feature", "target_copy", "target_group_mean", "second_target",
    "missing_values_tell", "collected_after_target", "form_tells",
}  # fmt: skip

Accusation = tuple[str, ...]


def serious(report: AuditReport) -> set[Accusation]:
    """Return code, severity and, of findings about one column, the column."""
    return {
        (f.code, f.severity, *(f.examples[:1] if f.code in ABOUT_A_COLUMN else ()))
        for f in report.findings
        if f.severity in ("error", "warning")
    }


def told(report: AuditReport) -> str:
    return "\n".join(f"{f.severity} {f.code}: {f.evidence}" for f in report.findings)


def planted_in(case: Planted) -> pl.DataFrame:
    return case.plant(STYLES[case.style](case.n, SEED), np.random.default_rng(SEED))


@lru_cache
def audit_of_style(style: str, n: int) -> AuditReport:
    """Audit a clean catalog once for all that are judged by it."""
    return to.audit_catalog(STYLES[style](n, SEED), protocols=n < 1000)


@lru_cache
def audit_of_decoy(style: str, n: int, decoy: Plant) -> AuditReport:
    """Audit what looks like a leak once for the leak's own test and for its own."""
    rows = decoy(STYLES[style](n, SEED), np.random.default_rng(SEED))
    return to.audit_catalog(rows, protocols=False)


def audit_of_twin(case: Planted) -> AuditReport:
    if case.decoy is None:
        return audit_of_style(case.style, case.n)
    return audit_of_decoy(case.style, case.n, case.decoy)


@pytest.mark.parametrize("case", PLANTED, ids=lambda case: case.name)
def test_a_planted_leak_is_found_and_its_twin_is_clean(case: Planted) -> None:
    report = to.audit_catalog(planted_in(case), protocols=False, **dict(case.options))
    found = {accusation for accusation in serious(report) if accusation[0] in case.codes}
    assert found, f"expected one of {case.codes}, got\n{told(report)}"
    twin = audit_of_twin(case)
    assert found - serious(twin), f"the clean twin has all of {found}:\n{told(twin)}"


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("n", [300, 900, 3000])
def test_an_honest_catalog_has_no_error(style: str, n: int) -> None:
    report = audit_of_style(style, n)
    assert report.count("error") == 0, told(report)


@pytest.mark.parametrize(
    "case", [case for case in PLANTED if case.decoy is not None], ids=lambda case: case.name
)
def test_the_honest_thing_that_looks_like_a_leak_is_no_error(case: Planted) -> None:
    report = audit_of_twin(case)
    assert report.count("error") == 0, told(report)


@pytest.mark.parametrize("case", HONEST, ids=lambda case: case.name)
def test_an_odd_but_honest_catalog_has_no_error(case: Honest) -> None:
    rows = case.change(STYLES[case.style](case.n, SEED), np.random.default_rng(SEED))
    report = to.audit_catalog(rows, protocols=False)
    assert report.count("error") == 0, told(report)


# Training and test files


def crossed(report: AuditReport, words: tuple[str, ...]) -> set[Accusation]:
    return {found for found in serious(report) if any(word in found[0] for word in words)}


def parts_of(case: Crossing) -> tuple[pl.DataFrame, pl.DataFrame]:
    return honest_split(STYLES[case.style](1200, SEED), case.style)


@lru_cache
def audit_of_split(style: str) -> AuditReport:
    """Audit an honest split once for all that are judged by it."""
    return to.audit_split(*honest_split(STYLES[style](1200, SEED), style))


@pytest.mark.parametrize("case", CROSSINGS, ids=lambda case: case.name)
def test_what_crosses_the_border_is_found(case: Crossing) -> None:
    train, test = parts_of(case)
    twin = audit_of_split(case.style)
    assert twin.count("error") == 0, told(twin)
    report = to.audit_split(*case.cross(train, test, np.random.default_rng(SEED)))
    found = crossed(report, case.words)
    assert found, told(report)
    assert found - serious(twin), f"the clean twin has all of {found}:\n{told(twin)}"


@pytest.mark.parametrize("name", ["part", "split"])
def test_a_column_that_says_which_part_is_audited_as_two_files(name: str) -> None:
    case = next(c for c in CROSSINGS if c.cross.__name__ == "shared_ids")
    train, test = case.cross(*parts_of(case), np.random.default_rng(SEED))
    rows = pl.concat(
        [
            train.with_columns(pl.lit("train").alias(name)),
            test.with_columns(pl.lit("test").alias(name)),
        ]
    )
    report = to.audit_split(rows.sample(fraction=1, shuffle=True, seed=1), split_column=name)
    assert crossed(report, case.words), told(report)
