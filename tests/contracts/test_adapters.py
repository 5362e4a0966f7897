"""Every registered adapter keeps the adapter's contract."""

from __future__ import annotations

import gzip
import importlib
import zipfile

import polars as pl
import pytest
import zstandard

import trackoracle as to
from trackoracle.catalogs import ADAPTERS, Adapter
from trackoracle.schema import TRACK_COLUMNS, published_name


@pytest.mark.parametrize("adapter", ADAPTERS, ids=lambda a: a.name)
class TestAdapter:
    def test_file_name_is_registry_key(self, adapter: Adapter) -> None:
        module = importlib.import_module(f"trackoracle.catalogs.{adapter.name}")
        assert module.ADAPTER is adapter, f"define {adapter.name} in catalogs/{adapter.name}.py"

    def test_states_provenance(self, adapter: Adapter) -> None:
        assert adapter.title
        assert adapter.source
        assert adapter.licence, f"{adapter.name}: state the licence, or 'none stated'"

    def test_maps_into_the_schema(self, adapter: Adapter) -> None:
        for name in adapter.header:
            meant = adapter.columns.get(name) or published_name(name)
            assert meant in TRACK_COLUMNS, f"{adapter.name}: {name} means no track column"

    def test_recognises_its_own_header_only(self, adapter: Adapter) -> None:
        assert adapter.recognises([*adapter.header, "extra"])
        for name in adapter.header:
            assert not adapter.recognises([other for other in adapter.header if other != name])
        rivals = [a for a in ADAPTERS if a is not adapter and a.recognises(list(adapter.header))]
        assert not rivals

    def test_parts_are_told_apart_and_joined_by_columns_that_they_have(
        self, adapter: Adapter
    ) -> None:
        assert len(adapter.parts) != 1, f"{adapter.name}: one part is no join"
        for part in adapter.parts:
            own = [*part.needed, *part.others]
            assert [p.name for p in adapter.parts if p.recognises(own)] == [part.name]
            assert part.is_alone(own)
            assert not part.is_alone([*own, "extra"])
            assert not any(other.recognises(own) for other in ADAPTERS)
            joined = part is not adapter.parts[0]
            assert (part.on in adapter.parts[0].needed) == joined
            assert (part.key in part.needed) == joined
        given = {name for part in adapter.parts for name in part.needed}
        assert not adapter.parts or adapter.header <= given


def test_same_frame_loads_the_same_from_every_container(tmp_path, small_catalog) -> None:
    rows = small_catalog.tracks.with_columns(
        pl.col("artists").list.join(";"), pl.col("genres").list.join(";")
    )
    rows.write_csv(tmp_path / "a.csv")
    rows.write_csv(tmp_path / "a.tsv", separator="\t")
    rows.write_parquet(tmp_path / "a.parquet")
    rows.write_ipc(tmp_path / "a.arrow")
    rows.write_ndjson(tmp_path / "a.jsonl")
    content = (tmp_path / "a.csv").read_bytes()
    (tmp_path / "a.csv.gz").write_bytes(gzip.compress(content))
    (tmp_path / "a.csv.zst").write_bytes(zstandard.compress(content))
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.writestr("a.csv", content)
    loaded = [to.load_catalog(path).tracks for path in sorted(tmp_path.iterdir())]
    assert len(loaded) == 8
    for other in loaded[1:]:
        assert other.equals(loaded[0])
    assert loaded[0].select(small_catalog.tracks.columns).equals(small_catalog.tracks)
