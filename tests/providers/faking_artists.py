"""Spotify as it answers searches for artists: ten at most, the best known first, also others."""

from __future__ import annotations

import re
from typing import Any

from tests.providers.faking import Asked, FakeServices, Reply, name_of

from trackoracle.schema import normal_forms

_QUERY = re.compile(r'(?:track:"(?P<title>[^"]*)" )?artist:"(?P<artist>[^"]*)"')


class FakeArtists(FakeServices):
    """A made-up world of artists; `extended` apps are told popularity and followers."""

    def __init__(self) -> None:
        super().__init__()
        self.artists: list[dict[str, Any]] = []
        self.extended = True
        self.tracks = {}

    def add(self, name: str, popularity: float = 50, genres: tuple[str, ...] = ("pop",)) -> str:
        artist_id = name_of(len(self.artists), "R")
        facts = {"id": artist_id, "name": name, "type": "artist", "genres": list(genres)}
        facts |= {"popularity": popularity, "followers": {"href": None, "total": 10 * popularity}}
        self.artists.append(facts)
        return artist_id

    def credit(self, title: str, *artist_ids: str) -> str:
        track_id = name_of(len(self.tracks))
        credited = [
            {"id": a["id"], "name": a["name"]} for a in self.artists if a["id"] in artist_ids
        ]
        self.tracks[track_id] = {
            "id": track_id,
            "type": "track",
            "name": title,
            "artists": credited,
        }
        return track_id

    def searches(self) -> list[str]:
        return [asked.query["q"] for asked in self.asked if asked.path == "/v1/search"]

    def _told(self, artist: dict[str, Any]) -> dict[str, Any]:
        hidden = () if self.extended else ("popularity", "followers")
        return {name: value for name, value in artist.items() if name not in hidden}

    def _artist(self, asked: Asked) -> Reply:
        found = [a for a in self.artists if asked.path.endswith(a["id"])]
        return Reply(body=self._told(found[0])) if found else Reply(404, {"error": {"status": 404}})

    def _search(self, asked: Asked) -> Reply:
        if int(asked.query["limit"]) > 10:
            return Reply(400, {"error": {"status": 400, "message": "Invalid limit"}})
        query = _QUERY.fullmatch(asked.query["q"])
        assert query
        wanted, title = normal_forms([query["artist"], query["title"] or ""])
        if asked.query["type"] == "track":
            items: list[dict[str, Any]] = [
                track
                for track in self.tracks.values()
                if title in normal_forms([track["name"]])[0]
                and any(
                    wanted == form for form in normal_forms([a["name"] for a in track["artists"]])
                )
            ]
            return Reply(body={"tracks": {"items": items, "total": len(items)}})
        forms = normal_forms([artist["name"] for artist in self.artists])
        near = [a for a, form in zip(self.artists, forms, strict=True) if wanted[:4] in form]
        near.sort(key=lambda artist: -float(artist["popularity"]))
        items = [self._told(artist) for artist in near[:10]]
        return Reply(body={"artists": {"items": [*items, {"id": None}, "odd"], "total": len(near)}})
