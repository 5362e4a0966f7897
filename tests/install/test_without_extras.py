"""Without the extras everything imports, and what is missing names its install command."""

from __future__ import annotations

import subprocess
import sys

import pytest

from trackoracle.errors import MissingExtraError
from trackoracle.optional import require

_IMPORT_ALL = """
import sys
for name in (
    "pandas", "pyarrow", "optuna", "imblearn", "httpx", "anyio", "huggingface_hub",
    "av", "soundfile", "soxr", "fastapi", "uvicorn", "prometheus_client", "vl_convert",
    "sqlalchemy", "streamlit", "ipywidgets", "gradio",
):
    sys.modules[name] = None
import importlib, pkgutil, trackoracle
for module in pkgutil.walk_packages(trackoracle.__path__, "trackoracle."):
    # What lies behind a door of its own is not entered past it.
    doors = ("rest.", "web.", "notebook.", "gradio_page.")
    if not module.name.startswith(tuple("trackoracle.interfaces." + door for door in doors)):
        importlib.import_module(module.name)
oracle_columns = trackoracle.load_catalog("sample").tracks.columns
assert "popularity" in oracle_columns
try:
    trackoracle.interfaces.rest.create_app({})
except trackoracle.errors.MissingExtraError as error:
    assert str(error) == "fastapi is not installed. Run: pip install 'trackoracle[api]'"
else:
    raise AssertionError("the service was built without its libraries")
for ask, library, extra in (
    (lambda: trackoracle.widget(trackoracle.load_oracle()), "ipywidgets", "notebook"),
    (lambda: trackoracle.interfaces.gradio_page.run_page({}), "gradio", "gradio"),
):
    try:
        ask()
    except trackoracle.errors.MissingExtraError as error:
        said = f"{library} is not installed. Run: pip install 'trackoracle[{extra}]'"
        assert str(error) == said
    else:
        raise AssertionError("it was made without its library")
print("all imported")
"""


def test_everything_imports_without_extras() -> None:
    done = subprocess.run(
        [sys.executable, "-c", _IMPORT_ALL], capture_output=True, text=True, check=False
    )
    assert done.stdout.strip() == "all imported", done.stderr


def test_missing_extra_names_its_command() -> None:
    with pytest.raises(MissingExtraError) as caught:
        require("no_such_library", extra="pandas")
    assert str(caught.value) == (
        "no_such_library is not installed. Run: pip install 'trackoracle[pandas]'"
    )
    assert isinstance(caught.value, ImportError)
