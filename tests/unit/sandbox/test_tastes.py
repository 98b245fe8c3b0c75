"""Clusters of taste in the invented world."""

from collections import Counter
from itertools import pairwise

from cinegraph.sandbox import World
from cinegraph.sandbox.tastes import Lean, Tastes


def test_films_of_a_cluster_share_more_than_others() -> None:
    """Themes, people and what TMDB recommends."""
    world = World(1_000, seed=5)
    by_cluster: dict[int, list[set[object]]] = {}
    inside = every = 0
    for tmdb_id in list(world.ids())[:400]:
        film, cluster = world.movie(tmdb_id), world.cluster_of(tmdb_id)
        assert film is not None
        assert cluster is not None
        by_cluster.setdefault(cluster, []).append(
            {*film.keywords, *(one.tmdb_id for one in film.people)}
        )
        for other in film.recommended_tmdb_ids:
            if (theirs := world.cluster_of(other)) is not None:
                inside += theirs == cluster
                every += 1

    assert inside / every > 0.6
    assert len(by_cluster) == world.films.tastes.count == 10
    same = [a & b for films in by_cluster.values() for a, b in pairwise(films)]
    firsts = [films[0] for films in by_cluster.values()]
    others = [a & b for a, b in pairwise(firsts)]
    assert _mean(same) > 1.5 * _mean(others)


def test_an_id_without_a_film_has_no_cluster() -> None:
    """As it has nothing else."""
    assert World(100).cluster_of(10**9) is None


def test_draws_lean_to_few() -> None:
    """In the share of cases that is asked for; the rest stays spread out over everything."""
    lean = Lean(7)
    drawn = [lean.draw(n / 1_000, 3, share=0.4, own=4) for n in range(1_000)]

    counted = Counter(drawn)
    assert sum(count for _, count in counted.most_common(4)) >= 400
    assert len(counted) > 590
    assert all(0 <= one < 1 for one in drawn)


def test_a_film_near_any_rank_is_found_in_a_cluster() -> None:
    """By arithmetic alone."""
    tastes = Tastes(5_000, 1)

    assert tastes.cluster(tastes.near(1_234, 17)) == 17
    assert abs(tastes.near(1_234, 17) - 1_234) < tastes.count


def _mean(sets: list[set[object]]) -> float:
    return sum(map(len, sets)) / len(sets)
