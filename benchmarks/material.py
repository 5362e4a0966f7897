"""What the benchmarks run on: the real 114k tracks, else a larger generated sample."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

from trackoracle.settings import Settings

N_GENERATED = 60_000
_FILE = Path("tracks-114k", "dataset.csv")
_BESIDE_CHECKOUT = Path(__file__).resolve().parents[2] / "shared" / "data"


@dataclass(frozen=True)
class Material:
    """A file of tracks, what to call it, and a folder for what is made on the way."""

    path: str
    name: str
    folder: str


@contextmanager
def material() -> Iterator[Material]:
    """Find the file of tracks, or generate one."""
    with TemporaryDirectory() as folder:
        for data in (Settings.from_environment().data_folder, _BESIDE_CHECKOUT):
            if data and (data / _FILE).exists():
                yield Material(str(data / _FILE), f"real data: {_FILE}", folder)
                return
        from trackoracle.catalogs.sample import generate_sample

        path = Path(folder, "sample.csv")
        generate_sample(N_GENERATED).write_csv(path)
        yield Material(str(path), f"generated sample of {N_GENERATED:,} tracks", folder)
