"""The audit of ten times as many rows: whether its cost grows with them, or faster."""

from __future__ import annotations

from pathlib import Path

from benchmarks.material import Material
from benchmarks.measuring import Measured, measure, stopwatch
from benchmarks.results import Claim, Line, Result, megabytes, ratio, seconds

N_FEW, N_MANY = 85_000, 850_000
"""Distinct ids asked of the generator: about 100,000 and 1,000,000 rows."""
MOST_GROWTH = 13.0
"""For ten times the rows: linear, with the logarithm of sorting."""
MOST_SECONDS, MOST_MB = 60.0, 2_000.0


def run(material: Material) -> Result:
    """Audit generated rows and the real file, checks and protocols apart."""
    few, many = (_audited(material, n) for n in (N_FEW, N_MANY))
    real = measure("benchmarks.auditing:audit", path=material.path)
    growth = {
        part: many.answer[part] / few.answer[part] for part in ("rows", "checks_cpu", "checks")
    }
    lines = (
        _line(f"generated, {few.answer['rows']:,} rows", few),
        _line(f"generated, {many.answer['rows']:,} rows", many),
        Line(
            "ratio",
            {
                "checks": ratio(growth["checks"]),
                "of all cores": ratio(growth["checks_cpu"]),
                "with protocols": ratio(many.answer["whole"] / few.answer["whole"]),
                "peak memory": ratio(many.peak_mb / few.peak_mb),
            },
        ),
        _line(f"{material.name}, {real.answer['rows']:,} rows", real),
    )
    claims = (
        Claim(
            f"checks of {growth['rows']:.1f} x the rows cost under {MOST_GROWTH:g} x the work",
            growth["checks_cpu"] < MOST_GROWTH,
        ),
        Claim(
            f"{material.name} under {MOST_SECONDS:g} s and {MOST_MB:g} MB",
            real.answer["whole"] < MOST_SECONDS and real.peak_mb < MOST_MB,
        ),
    )
    figures = {
        f"{name}_{key}": value
        for name, found in (("few", few), ("many", many), ("real", real))
        for key, value in (*found.answer.items(), ("peak_mb", found.peak_mb))
    }
    question = "what does an audit cost, and how does it grow?"
    return Result("auditing", question, "generated samples", lines, claims, figures)


def _audited(material: Material, n_tracks: int) -> Measured:
    path = Path(material.folder, f"sample-{n_tracks}.parquet")
    if not path.exists():
        from trackoracle.catalogs.sample import generate_sample

        generate_sample(n_tracks).write_parquet(path)
    return measure("benchmarks.auditing:audit", path=str(path))


def _line(name: str, found: Measured) -> Line:
    return Line(
        name,
        {
            "checks": seconds(found.answer["checks"]),
            "of all cores": seconds(found.answer["checks_cpu"]),
            "with protocols": seconds(found.answer["whole"]),
            "peak memory": megabytes(found.peak_mb),
        },
    )


def audit(path: str) -> dict[str, float]:
    """Audit a file, loading included: the checks alone, then the protocols, too."""
    import trackoracle

    with stopwatch() as checks:
        report = trackoracle.audit_catalog(path, protocols=False)
    with stopwatch() as whole:
        trackoracle.audit_catalog(path)
    return {
        "rows": report.n_rows,
        "checks": checks.seconds,
        "checks_cpu": checks.cpu,
        "whole": whole.seconds,
        "whole_cpu": whole.cpu,
    }
