"""Tracks of a catalog that are near one another by their audio features."""

from trackoracle.neighbours.answering import answer_similar
from trackoracle.neighbours.coordinates import FEATURES
from trackoracle.neighbours.file import index_path, load_index, save_index
from trackoracle.neighbours.index import MOST_WANTED, Found, Neighbours, Wish

__all__ = [
    "FEATURES",
    "MOST_WANTED",
    "Found",
    "Neighbours",
    "Wish",
    "answer_similar",
    "index_path",
    "load_index",
    "save_index",
]
