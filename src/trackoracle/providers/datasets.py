"""Public data sets by name: where they come from, under which licence, and what tells them whole.

Checksums and sizes are those that the publishers state; where they state none, a file is held to
what its server says of it, and a later fetch to what was fetched first.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Place = Literal["hub", "kaggle", "https"]


@dataclass(frozen=True)
class RemoteFile:
    """One file of a data set.

    Parameters
    ----------
    name
        Under which it is kept.
    where
        Its path within the place, or its whole address.
    n_bytes
        Its size, where published.
    checksum
        As "sha256:..." or "sha1:...", where published; "..." within stands for what is not.
    member
        Of a zip, the one file that is wanted.
    """

    name: str
    where: str
    n_bytes: int | None = None
    checksum: str = ""
    member: str = ""


@dataclass(frozen=True)
class DataSet:
    """A public data set.

    Parameters
    ----------
    place, owner
        Which kind of server, and the repository there; empty for plain addresses.
    page
        Where people read about it.
    loads
        Whether `load_catalog` reads it as a catalog.
    """

    name: str
    title: str
    place: Place
    owner: str
    page: str
    licence: str
    files: tuple[RemoteFile, ...]
    loads: bool = True


_DECADES = ("60", "70", "80", "90", "00", "10")
_SETS = (
    DataSet(
        "tracks-114k",
        "Spotify tracks, 114 genres of 1,000 rows",
        "hub",
        "maharshipandya/spotify-tracks-dataset",
        "https://huggingface.co/datasets/maharshipandya/spotify-tracks-dataset",
        "'bsd' on the hub page; the values come from the Spotify Web API",
        (RemoteFile("dataset.csv", "dataset.csv", 20_118_244, "sha256:b202fa49909b2d5c...7177bd"),),
    ),
    DataSet(
        "hit-predictor",
        "Billboard hits and flops by decade",
        "kaggle",
        "theoverman/the-spotify-hit-predictor-dataset",
        "https://www.kaggle.com/datasets/theoverman/the-spotify-hit-predictor-dataset",
        "none stated",
        tuple(
            RemoteFile(f"dataset-of-{decade}s.csv", f"dataset-of-{decade}s.csv")
            for decade in _DECADES
        ),
    ),
    DataSet(
        "million-tracks",
        "1,159,764 Spotify tracks of 2000 to 2023",
        "kaggle",
        "amitanshjoshi/spotify-1million-tracks",
        "https://www.kaggle.com/datasets/amitanshjoshi/spotify-1million-tracks",
        "ODbL 1.0",
        (RemoteFile("spotify_data.csv", "spotify_data.csv"),),
    ),
    DataSet(
        "tidytuesday",
        "Spotify songs of TidyTuesday, 2020-01-21",
        "https",
        "",
        "https://github.com/rfordatascience/tidytuesday/tree/main/data/2020/2020-01-21",
        "CC0 as TidyTuesday",
        (
            RemoteFile(
                "spotify_songs.csv",
                "https://raw.githubusercontent.com/rfordatascience/tidytuesday/"
                "2c423bacc57e4632ff8550557e0bc823eefa31ab/data/2020/2020-01-21/spotify_songs.csv",
            ),
        ),
    ),
    DataSet(
        "fma-echonest",
        "Echo Nest features of 13,129 tracks of the Free Music Archive",
        "https",
        "",
        "https://github.com/mdeff/fma",
        "metadata CC BY 4.0",
        (
            RemoteFile(
                "echonest.csv",
                "https://os.unil.cloud.switch.ch/fma/fma_metadata.zip",
                checksum="sha1:f0df49ffe5f2a6008d7dc83c6915b31835dfe733",
                member="fma_metadata/echonest.csv",
            ),
        ),
        loads=False,
    ),
)
DATA_SETS: dict[str, DataSet] = {data_set.name: data_set for data_set in _SETS}
