"""Targets: what is predicted, and what they are kept as."""

from __future__ import annotations

import numpy as np
import polars as pl
import pytest

from trackoracle.errors import ConfigError, TargetError
from trackoracle.schema import Hit, Popularity, Target, Tier, share_above, target_from_dict


@pytest.mark.parametrize(
    "target",
    [Popularity(50, (10.0,)), Hit(), Hit(60), Hit(base_rate=0.02), Tier(), Tier((0.0, 90.0))],
)
def test_plain_data_gives_the_target_again(target: Target) -> None:
    assert target_from_dict(target.to_dict()) == target


def test_hits_of_earlier_files_state_no_base_rate() -> None:
    assert target_from_dict({"name": "hit", "above": None}) == Hit()


@pytest.mark.parametrize("edges", [(25.0, 50.0, 75.0), tuple(10.0 * i for i in range(10))])
def test_a_tier_is_the_number_of_edges_exceeded(edges: tuple[float, ...]) -> None:
    points = np.arange(101)
    tiers = Tier(edges).values(pl.DataFrame({"popularity": points}))
    assert tiers.tolist() == [sum(p > edge for edge in edges) for p in points]
    assert set(tiers) == set(Tier(edges).support)
    assert Tier(edges).answer_shape == (Tier(edges).n_classes,) == (len(edges) + 1,)


def test_the_tiers_of_a_popularity_are_the_same() -> None:
    assert Tier().edges == Popularity().tiers


@pytest.mark.parametrize("edges", [(), (50.0, 25.0), (25.0, 25.0), (-1.0,), (100.0,)])
def test_edges_that_cannot_be(edges: tuple[float, ...]) -> None:
    with pytest.raises(ConfigError, match="target: expected rising tier edges from 0 to below 100"):
        Tier(edges)


def test_tiers_need_popularity() -> None:
    with pytest.raises(TargetError, match="popularity: expected a column"):
        Tier().values(pl.DataFrame({"hit": [1]}))


@pytest.mark.parametrize("target", [Popularity(), Hit(70), Hit(50), Hit(), Tier(), Tier((0, 33))])
def test_what_is_remembered_adds_up_to_the_mean(target: Popularity | Hit | Tier) -> None:
    tracks = pl.DataFrame({"popularity": [0, 20, 50, 51, 71, 90], "hit": [0, 0, 1, 0, 1, 1]})
    told = target.remembered(tracks)
    measures = {"mean": told.mean()}
    measures |= {share_above(mark): np.mean(told > mark) for mark in target.landmarks}
    mean = sum(measures[name] for name in target.mean_measures)
    assert mean == pytest.approx(target.values(tracks).mean())
    assert list(target.landmarks) == sorted(set(target.landmarks))
