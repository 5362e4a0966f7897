"""A damaged or hostile file is refused with a sentence: nothing runs, nothing crashes or hangs.

The attacker of the second half knows the format and writes hashes that fit. What he sends is
loaded in another process, so that a crash there is a failed test here.
"""

from __future__ import annotations

import functools
import hashlib
import io
import json
import os
import re
import signal
import subprocess
import sys
import warnings
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import trackoracle as to
from trackoracle.errors import BundleError, BundleVersionError
from trackoracle.sealed import MANIFEST, to_npy

Members = dict[str, bytes]
TRACKS = [{"tempo": 120.0, "energy": 0.7, "genre": "jazz"}, {"artists": "Nobody"}, {"tempo": 99}]
DAMAGED = "The file is damaged or was tampered with; fetch or train it again."


def members_of(path: Path) -> Members:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def write(path: Path, members: Members | list[tuple[str, bytes]]) -> Path:
    pairs = members.items() if isinstance(members, dict) else members
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in pairs:
            archive.writestr(name, content)
    return path


def refusal(path: Path, error: type[BundleError] = BundleError) -> str:
    with pytest.raises(error) as caught:
        to.load_oracle(path)
    assert type(caught.value) is error
    return str(caught.value).replace(str(path), "{path}")


# Damage


def test_nothing_there(tmp_path: Path) -> None:
    assert refusal(tmp_path / "x.oracle") == (
        "{path}: expected an oracle file, got nothing there. "
        "Make one with: trackoracle train CATALOG --target popularity -o X.oracle"
    )


@pytest.mark.parametrize("content", [b"", b"hello", b"PK\x03\x04" + b"\0" * 100])
def test_no_zip(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "x.oracle"
    path.write_bytes(content)
    assert refusal(path) == (
        "{path}: expected an oracle, got a broken or foreign file. Name the oracle first, "
        "then the tracks; if it is one, fetch or train it again."
    )


@pytest.mark.parametrize("share", [0, 0.01, 0.25, 0.5, 0.75, 0.99])
def test_cut_off(small_bundle: Path, tmp_path: Path, share: float) -> None:
    whole = small_bundle.read_bytes()
    path = tmp_path / "x.oracle"
    for length in {int(len(whole) * share), int(len(whole) * share) + 1, len(whole) - 1}:
        path.write_bytes(whole[:length])
        assert refusal(path).startswith("{path}: expected an oracle, got a broken")


def _places(path: Path) -> list[int]:
    """Bytes of every member's header, name and content, of the directory, and many between."""
    size = path.stat().st_size
    places = {*range(0, size, max(1, size // 250)), *range(size - 22, size)}
    with zipfile.ZipFile(path) as archive:
        infos = archive.infolist()
        places |= set(range(archive.start_dir, archive.start_dir + 46))
    for info in infos:
        content = info.header_offset + 30 + len(info.filename)
        places |= {info.header_offset + place for place in (0, 6, 8, 14, 26, 30)}
        places |= {content, content + info.compress_size // 2, content + info.compress_size - 1}
    return sorted(places)


@pytest.mark.parametrize(("flip", "half"), [(0x01, slice(0, None, 2)), (0xFF, slice(1, None, 2))])
def test_a_changed_byte_never_loads_as_something_else(
    small_bundle: Path, tmp_path: Path, flip: int, half: slice
) -> None:
    """Each place once; a field of the format is changed in both ways, in one member or another."""
    whole = small_bundle.read_bytes()
    expected = to.load_oracle(small_bundle).predict(TRACKS)
    path = tmp_path / "x.oracle"
    refused = 0
    places = _places(small_bundle)[half]
    for place in places:
        changed = bytearray(whole)
        changed[place] ^= flip
        path.write_bytes(changed)
        try:
            with warnings.catch_warnings(action="ignore"):  # zipfile's own, on odd members
                oracle = to.load_oracle(path)
        except BundleError:
            refused += 1
        else:
            assert oracle.predict(TRACKS).equals(expected), f"byte {place}"
    assert refused > 0.5 * len(places)


def test_every_member_is_under_a_hash(small_bundle: Path, tmp_path: Path) -> None:
    members = members_of(small_bundle)
    for name in set(members) - {MANIFEST}:
        changed = members | {name: members[name] + b" "}
        assert refusal(write(tmp_path / "x.oracle", changed)) == (
            f"{{path}}: expected {name} as it was written, got other content. {DAMAGED}"
        )


def test_unlisted_and_missing_members(small_bundle: Path, tmp_path: Path) -> None:
    members = members_of(small_bundle)
    more = write(tmp_path / "more.oracle", members | {"extra.json": b"{}"})
    fewer = write(tmp_path / "fewer.oracle", {n: c for n, c in members.items() if n != "seen.npy"})
    expected = "{path}: expected exactly the members of the manifest, got others "
    assert refusal(more) == expected + f"(extra.json). {DAMAGED}"
    assert refusal(fewer) == expected + f"(seen.npy). {DAMAGED}"


def test_member_twice(small_bundle: Path, tmp_path: Path) -> None:
    pairs = [*members_of(small_bundle).items(), ("card.md", b"# Trust me")]
    with pytest.warns(UserWarning, match="Duplicate name"):
        path = write(tmp_path / "x.oracle", pairs)
    assert refusal(path) == f"{{path}}: expected each member once, got a member twice. {DAMAGED}"


@pytest.mark.parametrize(
    "name",
    ["../evil.json", "/etc/evil.json", "a/../../evil.json", "a\\..\\evil.json", "C:/evil.json",
     "evil.py", "evil.pkl", "EVIL.json", "evil.json\n", "a//b.json", "a/"],
)  # fmt: skip
def test_names_that_point_elsewhere(small_bundle: Path, tmp_path: Path, name: str) -> None:
    path = write(tmp_path / "x.oracle", members_of(small_bundle) | {name: b"{}"})
    assert refusal(path) == f"{{path}}: expected plain member names, got {name!r}. {DAMAGED}"
    assert [p.name for p in tmp_path.iterdir()] == ["x.oracle"]


def test_no_manifest(small_bundle: Path, tmp_path: Path) -> None:
    members = members_of(small_bundle)
    del members[MANIFEST]
    path = write(tmp_path / "x.oracle", members)
    assert refusal(path) == f"{{path}}: expected a manifest.json, got none. {DAMAGED}"


def test_zip_bomb_is_refused_before_it_unfolds(small_bundle: Path, tmp_path: Path) -> None:
    bomb = members_of(small_bundle) | {"bomb.npy": b"\0" * (64 * 2**20)}
    assert re.fullmatch(
        r"\{path\}: expected members packed as a model is, got bomb.npy at \d{3,}:1. "
        + re.escape(DAMAGED),
        refusal(write(tmp_path / "x.oracle", bomb)),
    )


def test_too_many_members(small_bundle: Path, tmp_path: Path) -> None:
    many = members_of(small_bundle) | {f"m{i}.json": b"{}" for i in range(100)}
    path = write(tmp_path / "x.oracle", many)
    assert refusal(path) == f"{{path}}: expected at most 100 members, got {len(many)}. {DAMAGED}"


@pytest.mark.parametrize("how", [zipfile.ZIP_STORED, zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_members_packed_otherwise(small_bundle: Path, tmp_path: Path, how: int) -> None:
    path = tmp_path / "x.oracle"
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, content in members_of(small_bundle).items():
            archive.writestr(name, content)
    assert refusal(path) == (
        "{path}: expected members packed by deflate, got manifest.json packed otherwise. " + DAMAGED
    )


def test_newer_format(small_bundle: Path, tmp_path: Path) -> None:
    members = members_of(small_bundle)
    members[MANIFEST] = members[MANIFEST].replace(b'"format": 4', b'"format": 99')
    path = write(tmp_path / "x.oracle", members)
    assert refusal(path, BundleVersionError) == (
        "{path}: expected format 4 or older, got format 99. Update: pip install -U trackoracle"
    )


@pytest.mark.parametrize(
    ("manifest", "expected", "got"),
    [
        (b"not JSON", "a manifest of an oracle", "other JSON"),
        (b"[]", "a manifest of an oracle", "other JSON"),
        (b"{}", "a manifest of an oracle", "other JSON"),
        (b"[" * 100_000, "a manifest of an oracle", "other JSON"),
        (b'{"a":' * 50_000 + b"1" + b"}" * 50_000, "a manifest of an oracle", "other JSON"),
        (b'{"format": 4, "members": {}, "threshold": NaN}', "a manifest of an oracle",
         "other JSON"),
        (b'{"format": 4, "members": [1]}', "a list of members with hashes", "another"),
        (b'{"format": 4, "members": {"a.json": 1}}', "a list of members with hashes", "another"),
    ],
)  # fmt: skip
def test_foreign_manifest(tmp_path: Path, manifest: bytes, expected: str, got: str) -> None:
    path = write(tmp_path / "x.oracle", {MANIFEST: manifest})
    assert refusal(path) == f"{{path}}: expected {expected}, got {got}. {DAMAGED}"


# An attacker who knows the format


def in_json(name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    """Change the facts of one JSON member, in place or by returning others."""

    def attack(members: Members) -> None:
        facts = json.loads(members[name])
        changed = change(facts)
        members[name] = json.dumps(facts if changed is None else changed).encode()

    return attack


def in_array(name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    """Replace one array."""

    def attack(members: Members) -> None:
        array = np.load(io.BytesIO(members[name]))
        members[name] = to_npy(np.asarray(change(array.copy())))

    return attack


def in_text(old: str, new: str | Callable[[re.Match[str]], str]) -> Callable[[Members], None]:
    """Replace a pattern's first match in LightGBM's text."""

    def attack(members: Members) -> None:
        text = members["model/lightgbm.txt"].decode()
        changed, n = re.subn(old, new, text, count=1, flags=re.M)
        assert n == 1
        members["model/lightgbm.txt"] = changed.encode()

    return attack


def in_estimator(change: Callable[[Any], Any]) -> Callable[[Members], None]:
    """Change the scikit-learn estimator, in place or by returning another object."""

    def attack(members: Members) -> None:
        from skops.io import dumps, loads

        from trackoracle.models.scikit import TRUSTED_TYPES

        name = "model/estimator.skops"
        estimator = loads(members[name], trusted=list(TRUSTED_TYPES))
        changed = change(estimator)
        archive = dumps(estimator if changed is None else changed)
        members[name] = repacked(archive, zipfile.ZIP_STORED)

    return attack


def repacked(archive: bytes, how: int) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w", how) as new:
        for name in old.namelist():
            new.writestr(name, old.read(name))
    return out.getvalue()


def in_tree(field: str, value: int, tree: Callable[[Any], Any] = lambda e: e.tree_) -> Any:
    """Change one field of the root of a scikit-learn tree."""

    def change(estimator: Any) -> None:
        state = tree(estimator).__getstate__()
        state["nodes"][field][0] = value
        tree(estimator).__setstate__(state)

    return in_estimator(change)


def in_nodes(**fields: int) -> Any:
    """Change fields of the root of a histogram tree."""

    def change(estimator: Any) -> None:
        nodes = estimator._predictors[0][0].nodes
        for name, value in fields.items():
            nodes[name][0] = value

    return in_estimator(change)


def more_nodes_than_there_are(members: Members) -> None:
    archive = members["model/estimator.skops"]
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(archive)) as old, zipfile.ZipFile(out, "w") as new:
        for name in old.namelist():
            content = old.read(name)
            if name == "schema.json":
                schema = json.loads(content)
                tree = schema["content"]["content"]["tree_"]
                tree["content"]["content"]["node_count"]["content"] = "1000000000"
                content = json.dumps(schema).encode()
            new.writestr(name, content)
    members["model/estimator.skops"] = out.getvalue()


def packed_again(members: Members) -> None:
    name = "model/estimator.skops"
    members[name] = repacked(members[name], zipfile.ZIP_DEFLATED)


def pickled_array(members: Members) -> None:
    buffer = io.BytesIO()
    np.save(buffer, np.array([os.system], dtype=object), allow_pickle=True)
    members["seen.npy"] = buffer.getvalue()


def endless_array(members: Members) -> None:
    header = b"{'descr': '<f8', 'fortran_order': False, 'shape': (1000000000000000,), }"
    header += b" " * (117 - len(header)) + b"\n"
    members["seen.npy"] = b"\x93NUMPY\x01\x00" + len(header).to_bytes(2, "little") + header


def xgboost_tree(change: Callable[[Any], Any]) -> Callable[[Members], None]:
    return in_json(
        "model/xgboost.json",
        lambda facts: change(facts["learner"]["gradient_booster"]["model"]["trees"][0]),
    )


def xgboost_model(change: Callable[[Any], Any]) -> Callable[[Members], None]:
    return in_json(
        "model/xgboost.json", lambda facts: change(facts["learner"]["gradient_booster"]["model"])
    )


def put(*path: Any) -> Callable[[Any], None]:
    """Set the value at a path into nested facts; the last entry is the value."""

    def change(facts: Any) -> None:
        *steps, last, value = path
        for step in steps:
            facts = facts[step]
        facts[last] = value

    return change


def symbolic_link(members: Members) -> None:
    members["contract.json"] = b"/etc/passwd"


MARKER = "TRACKORACLE_TEST_MARKER"
SHOUT = f'touch "${MARKER}"'
TREES = "estimator.skops: expected trees over N inputs, got others. Do not use this file."
TEXT = "lightgbm.txt: expected trees over N inputs, got another (tree 0). Do not use this file."
JSON = "xgboost.json: expected trees over N inputs, got others. Do not use this file."
TYPES = "estimator.skops: expected scikit-learn models only, got "
BACKGROUND = (
    "expected an oracle of format 4, got content that does not fit (ValueError: plausibility: "
)
UNFIT = "expected an oracle of format 4, got content that does not fit ("
CURVES = UNFIT + "ValueError: calibration: expected rising distributions, got others"
KNOTS, TABLE = "calibration/known_knots.npy", "calibration/known_cumulative.npy"
HISTORY = UNFIT + "ValueError: history: expected sums by rising hashes, got others"
SCALING = UNFIT + "ValueError: calibration: expected a scaling of bins, got another"
BINS = "bins.json: expected classes of bins, got others. Do not use this file."
PHRASES = UNFIT + "ValueError: phrases: expected a worth by rising hashes, got others"
CONTRACT = UNFIT + "ValueError: contract: expected a column of the schema, got "


def _row_block(facts: Any) -> Any:
    return next(block for block in facts if block["block"] == "RowBlock")


def in_block(kind: str, name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    """Change an array of the first block of a kind in the recipe."""

    def attack(members: Members) -> None:
        blocks = [fact["block"] for fact in json.loads(members["recipe.json"])]
        in_array(f"recipe/{blocks.index(kind)}_{name}.npy", change)(members)

    return attack


def in_history(name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    return in_block("HistoryBlock", name, change)


def in_history_facts(name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    def attack(facts: Any) -> None:
        block = next(block for block in facts if block["block"] == "HistoryBlock")
        block[name] = change(block[name])

    return in_json("recipe.json", attack)


def in_bins(name: str, change: Callable[[Any], Any]) -> Callable[[Members], None]:
    return in_json("model/bins.json", lambda facts: put(name, change(facts[name]))(facts))


def of_another_number_of_bins(members: Members) -> None:
    """A sound scaling of two bins, for a model that answers more."""
    support = np.load(io.BytesIO(members["calibration/support.npy"]))
    bin_of = (support > 50).astype(np.int64)
    arrays = {"slope": np.ones(2), "offset": np.zeros(2), "bin_of": bin_of}
    arrays["shape"] = 1 / np.bincount(bin_of)[bin_of]
    for stratum in ("known", "new"):
        for name, array in arrays.items():
            members[f"calibration/{stratum}_{name}.npy"] = to_npy(array)


def of_one_number(members: Members) -> None:
    """A sound curve, for a model that answers bins."""
    support = np.load(io.BytesIO(members["calibration/support.npy"]))
    for stratum in ("known", "new"):
        for name in ("slope", "offset", "bin_of", "shape"):
            del members[f"calibration/{stratum}_{name}.npy"]
        members[f"calibration/{stratum}_knots.npy"] = to_npy(np.zeros(1))
        table = np.linspace(0, 1, len(support))[None]
        members[f"calibration/{stratum}_cumulative.npy"] = to_npy(table)


Attack = tuple[str, Callable[[Members], None], str]
ATTACKS: dict[str, Attack] = {
    # LightGBM
    "input_outside": ("lightgbm", in_text(r"^split_feature=\d+", "split_feature=99999"), TEXT),
    "input_negative": ("lightgbm", in_text(r"^split_feature=\d+", "split_feature=-5"), TEXT),
    "child_outside": ("lightgbm", in_text(r"^left_child=-?\d+", "left_child=99999"), TEXT),
    "leaf_outside": ("lightgbm", in_text(r"^right_child=-?\d+", "right_child=-99999"), TEXT),
    "child_behind_the_nodes": (  # LightGBM would read what lies behind them in memory
        "lightgbm",
        in_text(
            r"^num_leaves=(\d+)$([\s\S]*?)^left_child=-?\d+",
            lambda tree: f"num_leaves={tree[1]}{tree[2]}left_child={int(tree[1]) - 1}",
        ),
        TEXT,
    ),
    "child_of_two": (  # all ways through such a tree are more than any memory holds
        "lightgbm",
        in_text(r"^left_child=(.*)\nright_child=.*", r"left_child=\g<1>\nright_child=\g<1>"),
        TEXT,
    ),
    # What Python reads as a whole number, and LightGBM as another one.
    "child_with_underscore": (
        "lightgbm",
        in_text(r"^left_child=(-?\d+)", r"left_child=\g<1>_0"),
        TEXT,
    ),
    "child_in_powers": ("lightgbm", in_text(r"^left_child=(-?\d+)", r"left_child=\g<1>e0"), TEXT),
    "input_in_other_digits": ("lightgbm", in_text(r"^split_feature=\d+", "split_feature=٢"), TEXT),
    "two_blanks": ("lightgbm", in_text(r"^split_feature=(\d+) ", r"split_feature=\g<1>  "), TEXT),
    "threshold_no_number": ("lightgbm", in_text(r"^threshold=\S+", "threshold=nan"), TEXT),
    "child_cycle": ("lightgbm", in_text(r"^left_child=-?\d+", "left_child=0"), TEXT),
    "fewer_children": ("lightgbm", in_text(r"^left_child=-?\d+ ", "left_child="), TEXT),
    "fewer_leaves": ("lightgbm", in_text(r"^leaf_value=\S+ ", "leaf_value="), TEXT),
    "leaves_many": ("lightgbm", in_text(r"^num_leaves=\d+", "num_leaves=1000000"), TEXT),
    "by_category": ("lightgbm", in_text(r"^decision_type=\d+", "decision_type=1"), TEXT),
    "with_categories": ("lightgbm", in_text(r"^num_cat=0", "num_cat=3"), TEXT),
    "linear_leaves": ("lightgbm", in_text(r"^is_linear=0", "is_linear=1"), TEXT),
    "hidden_field": (
        "lightgbm",
        in_text(r"^left_child=", "left_child=99999\n\nleft_child="),
        "",  # what is used is what was checked: the last one
    ),
    "hidden_line": ("lightgbm", in_text(r"^shrinkage=1$", "shrinkage=1\rsplit_feature=9"), TEXT),
    "tree_sizes": (
        "lightgbm",
        in_text(r"^feature_names=", "tree_sizes=999999999\nfeature_names="),
        "",
    ),
    "other_objective": (
        "lightgbm",
        in_text(r"^objective=.*", "objective=multiclass num_class:100000"),
        "lightgbm.txt: expected a regression model of N inputs, got another objective. "
        "Do not use this file.",
    ),
    "many_classes": (
        "lightgbm",
        in_text(r"^num_class=1", "num_class=100000"),
        "lightgbm.txt: expected a regression model of N inputs, got another num_class. "
        "Do not use this file.",
    ),
    "fewer_inputs": (
        "lightgbm",
        in_text(r"^max_feature_idx=\d+", "max_feature_idx=3"),
        "lightgbm.txt: expected a regression model of N inputs, got another max_feature_idx. "
        "Do not use this file.",
    ),
    "no_model": (
        "lightgbm",
        lambda members: members.update({"model/lightgbm.txt": b"hello"}),
        "lightgbm.txt: expected a regression model of N inputs, got another num_class. "
        "Do not use this file.",
    ),
    # LightGBM over bins
    "bins_falling": ("lightgbm_bins", in_bins("class_of", lambda a: a[::-1]), BINS),
    "bins_leap": ("lightgbm_bins", in_bins("class_of", lambda a: [2 * i for i in a]), BINS),
    "bins_late": ("lightgbm_bins", in_bins("class_of", lambda a: [i + 1 for i in a]), BINS),
    "bins_nested": ("lightgbm_bins", in_bins("class_of", lambda a: [a]), BINS),
    "bins_text": ("lightgbm_bins", in_bins("class_of", lambda a: "many"), UNFIT),
    "bins_far": ("lightgbm_bins", in_bins("class_of", lambda a: [*a[:-1], 10**30]), UNFIT),
    "bins_missing": ("lightgbm_bins", lambda members: members.pop("model/bins.json"), UNFIT),
    "bins_one_class": (
        "lightgbm_bins",
        in_bins("class_of", lambda a: [0] * len(a)),
        BINS,
    ),
    "bins_fewer": (
        "lightgbm_bins",
        in_json("model/bins.json", lambda f: {"class_of": f["class_of"][1:], "share": f["share"]}),
        BINS,
    ),
    "bins_more": (
        "lightgbm_bins",
        in_json("model/bins.json", lambda f: {name: [0, *values] for name, values in f.items()}),
        UNFIT + "ValueError: model: expected one answer for one track, got ",
    ),
    "shares_doubled": ("lightgbm_bins", in_bins("share", lambda a: [2 * x for x in a]), BINS),
    "shares_nan": ("lightgbm_bins", in_bins("share", lambda a: [float("nan")] * len(a)), BINS),
    "shares_negative": (
        "lightgbm_bins",
        in_json(
            "model/bins.json",
            lambda f: {"class_of": [0, *f["class_of"]], "share": [-1, 2, *f["share"][1:]]},
        ),
        BINS,
    ),
    "bins_classes": (
        "lightgbm_bins",
        in_text(r"^num_class=\d+", "num_class=2"),
        "lightgbm.txt: expected a multiclass model of N inputs, got another num_class.",
    ),
    "slope_nan": (
        "lightgbm_bins",
        in_array("calibration/known_slope.npy", lambda a: a * np.nan),
        SCALING,
    ),
    "bin_of_falling": (
        "lightgbm_bins",
        in_array("calibration/new_bin_of.npy", lambda a: a[::-1]),
        SCALING,
    ),
    "shape_halved": (
        "lightgbm_bins",
        in_array("calibration/new_shape.npy", lambda a: a / 2),
        SCALING,
    ),
    "scaling_of_others": (
        "lightgbm_bins",
        of_another_number_of_bins,
        UNFIT + "ValueError: calibration: expected one of what the model answers, got another",
    ),
    "curve_of_bins": (
        "lightgbm_bins",
        of_one_number,
        UNFIT + "ValueError: calibration: expected one of what the model answers, got another",
    ),
    # What tracks are like, and what they share
    "background_falling": (
        "lightgbm",
        in_array("background/values.npy", lambda a: a[:, :, ::-1]),
        BACKGROUND,
    ),
    "background_counts": (
        "lightgbm",
        in_array("background/counts.npy", lambda a: a * 1.5),
        BACKGROUND,
    ),
    "background_of_words": (
        "lightgbm",
        in_json("background.json", put("names", 0, "track_name")),
        UNFIT + "ValueError: background: expected numbers of the contract, got others",
    ),
    "background_of_nothing": ("lightgbm", in_json("background.json", put("groups", [])), UNFIT),
    "sharing_everything": (
        "lightgbm",
        in_json(MANIFEST, put("sharing", "known", "album", "correlation", 1.0)),
        UNFIT + "ValueError: sharing: expected correlations and rising probabilities",
    ),
    "sharing_other": ("lightgbm", in_json(MANIFEST, put("sharing", "new", 5)), UNFIT),
    # XGBoost
    "xgb_input": ("xgboost", xgboost_tree(put("split_indices", 0, 99999)), JSON),
    "xgb_input_negative": ("xgboost", xgboost_tree(put("split_indices", 0, -1)), JSON),
    "xgb_child": ("xgboost", xgboost_tree(put("left_children", 0, 99999)), JSON),
    "xgb_child_below": ("xgboost", xgboost_tree(put("right_children", 0, -99999)), JSON),
    "xgb_child_of_two": (
        "xgboost",
        xgboost_tree(lambda tree: tree.update(right_children=tree["left_children"])),
        JSON,
    ),
    "xgb_cycle": ("xgboost", xgboost_tree(put("left_children", 0, 0)), JSON),
    "xgb_short": ("xgboost", xgboost_tree(put("default_left", [])), JSON),
    "xgb_category": ("xgboost", xgboost_tree(put("split_type", 0, 1)), JSON),
    "xgb_nodes": ("xgboost", xgboost_tree(put("tree_param", "num_nodes", "99999")), JSON),
    "xgb_vector": ("xgboost", xgboost_tree(put("tree_param", "size_leaf_vector", "99")), JSON),
    "xgb_group": ("xgboost", xgboost_model(put("tree_info", 0, 99999)), JSON),
    "xgb_slices": ("xgboost", xgboost_model(put("iteration_indptr", 1, 99999)), JSON),
    "xgb_no_trees": ("xgboost", xgboost_model(put("trees", [])), JSON),
    "xgb_no_facts": (
        "xgboost",
        in_json("model/xgboost.json", lambda facts: {"learner": 5}),
        "xgboost.json: expected an XGBoost model, got other JSON.",
    ),
    "xgb_deep": (
        "xgboost",
        lambda members: members.update({"model/xgboost.json": b"[" * 100_000}),
        UNFIT + "RecursionError",
    ),
    # scikit-learn
    "tree_input": ("tree", in_tree("feature", 99999), TREES),
    "tree_input_negative": ("tree", in_tree("feature", -7), TREES),
    "tree_left": ("tree", in_tree("left_child", 10**9), TREES),
    "tree_right": ("tree", in_tree("right_child", -9), TREES),
    "tree_cycle": ("tree", in_tree("left_child", 0), TREES),
    "tree_count": ("tree", more_nodes_than_there_are, ""),  # scikit-learn uses those it has
    "forest_input": ("forest", in_tree("feature", 99999, lambda e: e.estimators_[-1].tree_), TREES),
    "forest_cycle": ("forest", in_tree("right_child", 0, lambda e: e.estimators_[3].tree_), TREES),
    "hist_input": ("hist_boosting", in_nodes(feature_idx=99999), TREES),
    "hist_left": ("hist_boosting", in_nodes(left=4_000_000_000), TREES),
    "hist_cycle": ("hist_boosting", in_nodes(left=0, right=0), TREES),
    "hist_category": ("hist_boosting", in_nodes(is_categorical=1, bitset_idx=10**9), TREES),
    "another_pipeline": (
        "linear",
        in_estimator(lambda pipeline: pipeline.steps.pop(1) and None),
        TREES,
    ),
    "system_call": (
        "tree",
        in_estimator(lambda estimator: functools.partial(os.system, SHOUT)),
        TYPES + "functools.partial, posix.system. Do not use this file.",
    ),
    "system_call_inside": (
        "linear",
        in_estimator(lambda e: setattr(e, "memory", functools.partial(os.system, SHOUT))),
        TYPES + "functools.partial, posix.system. Do not use this file.",
    ),
    "packed_inside": (
        "tree",
        packed_again,
        "estimator.skops: expected members as they are, got packed ones.",
    ),
    "no_skops": (
        "tree",
        lambda members: members.update({"model/estimator.skops": b"hello"}),
        UNFIT + "BadZipFile: File is not a zip file",
    ),
    # Everything else that an oracle is made of
    "pickle": ("median", pickled_array, UNFIT + "ValueError: Object arrays cannot be loaded when"),
    "endless": ("median", endless_array, UNFIT),
    "knots_falling": ("median", in_array(KNOTS, lambda a: a[::-1]), CURVES),
    "knots_nan": ("median", in_array(KNOTS, lambda a: a * np.nan), CURVES),
    "knots_none": ("median", in_array(KNOTS, lambda a: a[:0]), CURVES),
    "table_negative": ("median", in_array(TABLE, lambda a: a - 0.5), CURVES),
    "table_above_one": ("median", in_array(TABLE, lambda a: a * 2), CURVES),
    "table_falling": ("median", in_array(TABLE, lambda a: a[:, ::-1]), CURVES),
    "table_nan": ("median", in_array(TABLE, lambda a: a * np.nan), CURVES),
    "table_transposed": ("median", in_array(TABLE, lambda a: a.T), CURVES),
    "support": (
        "median",
        in_array("calibration/support.npy", lambda a: a * 1e6),
        UNFIT + "ValueError: calibration: expected a distribution of popularity, got another)",
    ),
    "no_calibration": (
        "median",
        lambda members: members.pop(TABLE) and None,
        UNFIT + "KeyError: 'cumulative')",
    ),
    "unknown_block": (
        "median",
        in_json("recipe.json", put(0, "block", "os.system")),
        UNFIT + "ValueError: recipe: expected a known block, got 'os.system')",
    ),
    "unknown_input": (
        "median",
        in_json("recipe.json", lambda facts: put("names", 0, "nonsense")(_row_block(facts))),
        UNFIT,
    ),
    "blocks_no_list": ("median", in_json("recipe.json", lambda facts: {"a": 1}), UNFIT),
    "fewer_blocks": (
        "lightgbm",
        in_json("recipe.json", lambda facts: facts[:1]),
        "lightgbm.txt: expected a regression model of ",
    ),
    "history_short": ("median", in_history("sums", lambda a: a[:-1]), HISTORY),
    "history_unsorted": ("median", in_history("hashes", lambda a: a[::-1]), HISTORY),
    "history_type": ("median", in_history("hashes", lambda a: a.astype(float)), HISTORY),
    "history_nan": ("median", in_history("sums", lambda a: a * np.nan), HISTORY),
    "history_flat": ("median", in_history("weights", lambda a: a[:, None]), HISTORY),
    "history_3d": ("median", in_history("sums", lambda a: a[..., None]), HISTORY),
    "history_no_evidence": ("median", in_history("weights", lambda a: a * 0), HISTORY),
    "landmarks_more": ("median", in_history_facts("landmarks", lambda a: [*a, 70]), HISTORY),
    "landmarks_none": ("median", in_history_facts("landmarks", lambda a: []), HISTORY),
    "landmarks_text": ("median", in_history_facts("landmarks", lambda a: ["x", "y"]), UNFIT),
    "priors_short": ("median", in_history_facts("priors", lambda a: a[1:]), HISTORY),
    "priors_number": ("median", in_history_facts("priors", lambda a: 5), HISTORY),
    "strength_negative": ("median", in_history_facts("strength", lambda a: -1), HISTORY),
    "phrases_unsorted": ("median", in_block("PhraseBlock", "hashes", lambda a: a[::-1]), PHRASES),
    "phrases_short": ("median", in_block("PhraseBlock", "worth", lambda a: a[:-1]), PHRASES),
    "phrases_nan": ("median", in_block("PhraseBlock", "worth", lambda a: a * np.nan), PHRASES),
    "phrases_common": ("median", in_block("PhraseBlock", "rarity", lambda a: a * 0), PHRASES),
    "contract_number": (
        "median",
        in_json("contract.json", put("columns", 0, "low", "low")),
        CONTRACT,
    ),
    "contract_role": ("median", in_json("contract.json", put("columns", 0, "role", "x")), CONTRACT),
    "contract_name": ("median", in_json("contract.json", put("columns", 0, "name", 5)), CONTRACT),
    "contract_more": ("median", in_json("contract.json", put("columns", 0, "evil", 1)), UNFIT),
    "contract_levels": (
        "median",
        in_json("contract.json", put("columns", 0, "levels", [1, None])),
        CONTRACT,
    ),
    "contract_deep": (
        "median",
        lambda members: members.update({"contract.json": b"[" * 100_000}),
        UNFIT + "RecursionError",
    ),
    "contract_link": ("median", symbolic_link, UNFIT + "JSONDecodeError"),
    "scores_nan": (
        "median",
        lambda members: members.update({"scores.json": b'{"notes": [NaN]}'}),
        UNFIT + "ValueError: expected finite numbers, got NaN)",
    ),
    "threshold_infinite": (
        "median",
        in_json(MANIFEST, put("threshold", 1e308 * 10)),
        "expected a manifest of an oracle, got other JSON. " + DAMAGED,
    ),
    "threshold_large": (
        "median",
        in_json(MANIFEST, put("threshold", 7)),
        UNFIT + "ValueError: threshold: expected 0 to 1, got 7.0)",
    ),
    "unknown_candidate": (
        "median",
        in_json(MANIFEST, put("candidate", "os")),
        UNFIT + "UnknownNameError: candidate: expected a known name, got 'os'.",
    ),
    "another_candidate": ("tree", in_json(MANIFEST, put("candidate", "xgboost")), UNFIT),
    "unknown_target": (
        "median",
        in_json(MANIFEST, put("target", {"name": "hit", "above": None})),
        UNFIT + "ValueError: calibration: expected a distribution of hit, got another)",
    ),
    "target_type": ("median", in_json(MANIFEST, put("target", "popularity")), UNFIT),
    "catalog_type": ("median", in_json(MANIFEST, put("catalog", [1])), UNFIT),
    "baseline_place": (
        "artist_mean",
        in_json("model/baseline.json", put("places", [99999])),
        "baseline.json: expected inputs 0 to ",
    ),
}

FEW_TREES = {
    "forest": {"n_estimators": 4},
    "hist_boosting": {"max_iter": 5},
    "xgboost": {"n_trees": 5},
    "lightgbm": {"n_trees": 20},
    "lightgbm_bins": {"n_trees": 5},
}
"""Attacks are on one tree."""
LOADING = """
import json, signal, sys
import trackoracle as to
for path in json.loads(sys.argv[1]):
    print(json.dumps([path, "begun"]), flush=True)
    signal.alarm(20)  # a tree that never ends
    try:
        to.load_oracle(path).predict(json.loads(sys.argv[2]))
        outcome = ""
    except to.errors.BundleError as error:
        outcome = error.message
    except BaseException as error:
        outcome = f"not a BundleError: {error!r}"
    print(json.dumps([path, outcome]), flush=True)
print(json.dumps(["torch", "imported" if "torch" in sys.modules else ""]), flush=True)
"""


@pytest.fixture(scope="module")
def bundles(
    small_catalog: to.Catalog, tmp_path_factory: pytest.TempPathFactory
) -> Callable[[str], Path]:
    """Give an oracle of a candidate, baselines too, as it would come from training."""
    folder = tmp_path_factory.mktemp("bundles")

    @functools.cache
    def bundle(candidate: str) -> Path:
        path = folder / f"{candidate}.oracle"
        if candidate not in ("median", "artist_mean"):
            config = to.TrainingConfig(
                candidates=(candidate,), protocols=("catalog",), n_folds=2, n_bootstrap=20,
                params=FEW_TREES,
            )  # fmt: skip
            to.train(small_catalog, config=config, n_jobs=1).save(path)
        else:
            members = members_of(bundle("tree"))
            n_inputs = 1 if candidate == "artist_mean" else 0
            facts = {"places": list(range(n_inputs)), "constant": 30.0}
            del members["model/estimator.skops"]
            members["model/baseline.json"] = json.dumps(facts).encode()
            in_json(MANIFEST, put("candidate", candidate))(members)
            write(path, with_fitting_hashes(members))
        return path

    return bundle


def with_fitting_hashes(members: Members) -> Members:
    manifest = json.loads(members[MANIFEST])
    manifest["members"] = {
        name: hashlib.sha256(content).hexdigest()
        for name, content in members.items()
        if name != MANIFEST
    }
    return members | {MANIFEST: json.dumps(manifest).encode()}


@pytest.fixture(scope="module")
def outcomes(
    bundles: Callable[[str], Path], tmp_path_factory: pytest.TempPathFactory
) -> dict[str, str]:
    """Load every hostile file in one other process; say what came of each."""
    folder = tmp_path_factory.mktemp("hostile")
    paths = {}
    for name, (candidate, attack, _) in ATTACKS.items():
        members = members_of(bundles(candidate))
        before = dict(members)
        attack(members)
        assert members != before
        paths[name] = write(folder / f"{name}.oracle", with_fitting_hashes(members))
    waiting = list(map(str, paths.values()))
    seen: dict[str, str] = {}
    environment = os.environ | {MARKER: str(folder / "marker"), "OMP_NUM_THREADS": "1"}
    while waiting:
        child = subprocess.run(
            [sys.executable, "-c", LOADING, json.dumps(waiting), json.dumps(TRACKS)],
            env=environment, capture_output=True, text=True, check=False,
        )  # fmt: skip
        lines = [json.loads(line) for line in child.stdout.splitlines() if line.startswith('["')]
        assert lines, child.stderr
        seen |= dict(lines)
        if child.returncode:
            killed = signal.Signals(-child.returncode).name if child.returncode < 0 else "error"
            seen[lines[-1][0]] = f"the process ended: {killed}"
        waiting = [path for path in waiting if path not in seen]
    assert not (folder / "marker").exists()
    told = {name: seen[str(path)].replace(str(path), "{path}") for name, path in paths.items()}
    return told | {"torch": seen["torch"]}


def test_estimators_are_loaded_without_torch(outcomes: dict[str, str]) -> None:
    """It is installed here, and takes longer to import than all else that loads a tree."""
    assert outcomes["torch"] == ""


@pytest.mark.parametrize("name", ATTACKS)
def test_attack(name: str, outcomes: dict[str, str]) -> None:
    expected = ATTACKS[name][2]
    outcome = re.sub(r"over \d+ inputs|of \d+ inputs", lambda m: re.sub(r"\d+", "N", m[0]),
                     outcomes[name])  # fmt: skip
    if expected:
        assert outcome.startswith(f"{{path}}: {expected}")
        assert "\n" not in outcome
    else:
        assert outcome == ""


@pytest.mark.parametrize(
    "candidate", ["median", "artist_mean", "linear", "tree", "forest", "hist_boosting", "xgboost",
                  "lightgbm", "lightgbm_bins"]
)  # fmt: skip
def test_what_was_not_attacked_loads(
    bundles: Callable[[str], Path], tmp_path: Path, candidate: str
) -> None:
    members = members_of(bundles(candidate))
    path = write(tmp_path / "same.oracle", with_fitting_hashes(members))
    expected = to.load_oracle(bundles(candidate)).predict(TRACKS)
    assert to.load_oracle(path).predict(TRACKS).equals(expected)
