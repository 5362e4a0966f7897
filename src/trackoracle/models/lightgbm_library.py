"""LightGBM's library without its Python package, which imports scikit-learn, SciPy and pandas.

A prediction needs none of them, and they take a second. What is called here is LightGBM's C API,
as its package calls it, so that answers are the same to the last bit. Source:
https://lightgbm.readthedocs.io/en/latest/C-API.html
"""

from __future__ import annotations

import ctypes
import importlib.util
import sys
import weakref
from enum import IntEnum
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np

from trackoracle.models.candidate import Matrix, Values

_SUFFIX = {"win32": ".dll", "darwin": ".dylib"}
_FOLDERS = ("lib", "bin", "..")
"""Of LightGBM's package, where its library may lie."""
_ALL_ROUNDS = (0, -1)
_GAIN = ctypes.c_int(1)
_TYPES = {np.dtype(np.float32): 0, np.dtype(np.float64): 1}


class Told(IntEnum):
    """What a booster is asked for, by LightGBM's own numbers."""

    ANSWER = 0
    MARGIN = 1
    CONTRIBUTIONS = 3


class LibraryError(Exception):
    """What LightGBM's library refused, in its words."""


class Booster:
    """A booster that was read from LightGBM's text.

    Parameters
    ----------
    text
        The model.

    Raises
    ------
    LibraryError
        For what LightGBM cannot read.
    """

    def __init__(self, text: str) -> None:
        self.text, self._library, handle = text, _library(), ctypes.c_void_p()
        rounds = ctypes.byref(ctypes.c_int())
        self._call("BoosterLoadModelFromString", text.encode(), rounds, ctypes.byref(handle))
        self._handle = handle
        weakref.finalize(self, self._library.LGBM_BoosterFree, handle)
        n_inputs = ctypes.c_int()
        self._call("BoosterGetNumFeature", handle, ctypes.byref(n_inputs))
        self.n_inputs = n_inputs.value

    def __reduce__(self) -> tuple[type[Booster], tuple[str]]:
        return Booster, (self.text,)

    def predict(
        self,
        matrix: Matrix,
        told: Told = Told.ANSWER,
        n_threads: int = 1,
        rounds: tuple[int, int] = _ALL_ROUNDS,
    ) -> Values:
        """Return answers, margins or contributions: (n,), or (n, k) where a row has several.

        Only some rounds of trees are asked where the first of them, and how many, are given.
        """
        rows = np.ascontiguousarray(matrix)
        n_rows, n_columns = rows.shape
        length = ctypes.c_int64()
        asked = [ctypes.c_int(number) for number in (told, *rounds)]
        self._call(
            "BoosterCalcNumPredict", self._handle, ctypes.c_int(n_rows), *asked,
            ctypes.byref(length),
        )  # fmt: skip
        values = np.empty(length.value)
        self._call(
            "BoosterPredictForMat", self._handle, rows.ctypes.data_as(ctypes.c_void_p),
            ctypes.c_int(_TYPES[rows.dtype]), ctypes.c_int32(n_rows), ctypes.c_int32(n_columns),
            ctypes.c_int(True), *asked, f"num_threads={n_threads}".encode(),
            ctypes.byref(length), values.ctypes.data_as(ctypes.POINTER(ctypes.c_double)),
        )  # fmt: skip
        return values if len(values) == n_rows else values.reshape(n_rows, -1)

    def gains(self) -> Values:
        """Return what splits by each input took off the loss: (d,)."""
        values = np.empty(self.n_inputs)
        pointer = values.ctypes.data_as(ctypes.POINTER(ctypes.c_double))
        self._call(
            "BoosterFeatureImportance", self._handle, ctypes.c_int(_ALL_ROUNDS[1]), _GAIN, pointer
        )
        return values

    def _call(self, name: str, *arguments: Any) -> None:
        if getattr(self._library, f"LGBM_{name}")(*arguments):
            raise LibraryError(self._library.LGBM_GetLastError().decode())


@cache
def _library() -> Any:
    """Open LightGBM's library; where it lies elsewhere, its package knows."""
    spec = importlib.util.find_spec("lightgbm")
    packages = [Path(spec.origin).parent] if spec and spec.origin else []
    file = f"lib_lightgbm{_SUFFIX.get(sys.platform, '.so')}"
    paths = (package / folder / file for package in packages for folder in _FOLDERS)
    found = [path for path in paths if path.is_file()]
    if found:
        library = ctypes.cdll.LoadLibrary(str(found[0]))
    else:
        from lightgbm import libpath

        library = libpath._LIB
    library.LGBM_GetLastError.restype = ctypes.c_char_p
    return library
