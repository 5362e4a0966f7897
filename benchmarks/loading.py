"""Loading a catalog against only reading the same file."""

from __future__ import annotations

from statistics import median

from benchmarks.material import Material
from benchmarks.measuring import measure, measure_in_turns, stopwatch
from benchmarks.results import Line, Result, megabytes, ratio, seconds

N_COLD, N_WARM = 5, 9


def run(material: Material) -> Result:
    """Compare `load_catalog` with `polars.read_csv`, cold and warm."""
    arguments = {"path": material.path}
    cold = measure_in_turns(
        N_COLD,
        trackoracle=("benchmarks.loading:load_cold", arguments),
        polars=("benchmarks.loading:read_cold", arguments),
    )
    warm = measure("benchmarks.loading:both_warm", **arguments).answer
    ours, bare = cold["trackoracle"], cold["polars"]
    lines = (
        Line(
            "load_catalog: typed, checked, merged, keyed",
            {
                "cold, import included": seconds(ours["seconds"]),
                "warm": seconds(warm["trackoracle"]),
                "peak memory": megabytes(ours.peak_mb),
            },
        ),
        Line(
            "polars.read_csv: nothing checked",
            {
                "cold, import included": seconds(bare["seconds"]),
                "warm": seconds(warm["polars"]),
                "peak memory": megabytes(bare.peak_mb),
            },
        ),
        Line(
            "ratio",
            {
                "cold, import included": ratio(ours["seconds"] / bare["seconds"]),
                "warm": ratio(warm["trackoracle"] / warm["polars"]),
                "peak memory": ratio(ours.peak_mb / bare.peak_mb),
            },
        ),
    )
    figures = {
        "trackoracle_cold_s": ours["seconds"],
        "polars_cold_s": bare["seconds"],
        "trackoracle_warm_s": warm["trackoracle"],
        "polars_warm_s": warm["polars"],
        "trackoracle_peak_mb": ours.peak_mb,
        "polars_peak_mb": bare.peak_mb,
    }
    question = "what does a checked catalog cost beyond reading its file?"
    return Result("loading", question, material.name, lines, (), figures)


def load_cold(path: str) -> dict[str, float]:
    """Import TrackOracle and load the catalog once."""
    with stopwatch() as watch:
        import trackoracle

        trackoracle.load_catalog(path)
    return {"seconds": watch.seconds}


def read_cold(path: str) -> dict[str, float]:
    """Import Polars and read the file once."""
    with stopwatch() as watch:
        import polars

        polars.read_csv(path)
    return {"seconds": watch.seconds}


def both_warm(path: str) -> dict[str, float]:
    """Load and read by turns in one process; medians."""
    import polars

    import trackoracle

    times: dict[str, list[float]] = {"trackoracle": [], "polars": []}
    for _ in range(N_WARM):
        with stopwatch() as watch:
            trackoracle.load_catalog(path)
        times["trackoracle"].append(watch.seconds)
        with stopwatch() as watch:
            polars.read_csv(path)
        times["polars"].append(watch.seconds)
    return {name: median(taken[1:]) for name, taken in times.items()}
