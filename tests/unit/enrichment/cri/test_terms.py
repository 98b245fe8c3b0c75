"""Each term by itself: what speaks for a film, what its silence says, what is not known."""

from typing import Any

import pytest

from cinegraph.enrichment.cri.baselines import Baselines
from cinegraph.enrichment.cri.facts import Directed, Kept
from cinegraph.enrichment.cri.formula import TERMS
from cinegraph.enrichment.cri.terms import Evidence, weigh, weigh_honour, weigh_place
from valuing import BASELINES, honour, make_facts, place


def evidence(
    term: str, *films: dict[str, Any], baselines: Baselines = BASELINES, **rows: Any
) -> Evidence:
    """Return what a term says of films."""
    return weigh(make_facts(*films, **rows), baselines, TERMS)[term]


def one(term: str, film: dict[str, Any], **rows: Any) -> tuple[float, float, float]:
    """Return value, share and certainty of one film."""
    found = evidence(term, film, **rows)
    return (
        round(float(found.values[0]), 3),
        round(float(found.shares[0]), 3),
        round(float(found.certainty[0]), 3),
    )


class TestVoters:
    """Votes count beside those of the film's own decade."""

    def test_as_many_as_the_best_known_is_all(self) -> None:
        """And more is not more."""
        assert one("voters", {"years": 1975, "tmdb_votes": 5000}) == (1, 1, 1)
        assert one("voters", {"years": 1975, "tmdb_votes": 50_000}) == (1, 1, 1)

    def test_the_scale_is_of_multiples(self) -> None:
        """The square root of the best known's votes is half; one vote is nothing, but known."""
        assert one("voters", {"years": 1975, "tmdb_votes": 5000**0.5}) == (0.5, 1, 1)
        assert one("voters", {"years": 1975, "tmdb_votes": 1}) == (0, 1, 1)

    def test_without_votes_nothing_is_known(self) -> None:
        """Whether none are stored or none were given."""
        assert one("voters", {"years": 1975}) == (0, 0, 0)
        assert one("voters", {"years": 1975, "tmdb_votes": 0}) == (0, 0, 0)

    def test_a_film_of_no_year_is_held_against_all(self) -> None:
        """The best known of all times have most."""
        assert one("voters", {"tmdb_votes": 20_000}) == (1, 1, 1)
        assert one("voters", {"tmdb_votes": 5000})[0] < 1


class TestTimelessness:
    """To be known today after many years."""

    def test_the_older_of_two_equally_known_endured_more(self) -> None:
        """After a generation 63 % of what can be proven is proven."""
        old = one("endured", {"years": 1975, "tmdb_votes": 5000})
        new = one("endured", {"years": 2024, "tmdb_votes": 10_000})

        assert old == (round(1 - 2.718281828 ** (-51 / 30), 3), 1, 1)
        assert new == (round(1 - 2.718281828 ** (-2 / 30), 3), 1, 1)

    def test_without_a_date_it_is_not_known(self) -> None:
        """Nor without votes."""
        assert one("endured", {"tmdb_votes": 5000}) == (0, 0, 0)
        assert one("endured", {"years": 1975}) == (0, 0, 0)

    def test_lists_say_something_after_ten_years(self) -> None:
        """Before, a place proves nothing, and silence neither."""
        listed = [place()]
        assert one("kept", {"years": 2020}, listings=listed) == (0, 0, 0)
        assert one("kept", {"years": 1975}, listings=listed)[0] > 0.4
        assert one("kept", {"years": 1975}) == (0, 0.5, 0.5)


class TestListed:
    """Places on lists, and what it means to have none."""

    def test_the_second_list_says_less_than_the_first(self) -> None:
        """Each takes its share of what is left."""
        film = {"years": 1975}
        assert one("listed", film, listings=[place(weight=1.0)]) == (0.6, 0.8, 1)
        both = [place(weight=1.0), place(list_id=2, weight=0.5)]
        assert one("listed", film, listings=both)[0] == 0.72

    def test_silence_is_weak_evidence_where_a_list_could_name_it(self) -> None:
        """Half of the weight; less for a film that lists had no time to look at; none for one behind the newest."""
        assert one("listed", {"years": 1975}) == (0, 0.5, 0.5)
        assert one("listed", {"years": 2020}) == (0, 0.3, 0.3)
        assert one("listed", {"years": 2021}) == (0, 0, 0)
        assert one("listed", {}) == (0, 0.5, 0.5)

    def test_without_lists_nothing_is_known(self) -> None:
        """Whatever film."""
        bare = Baselines(year=2026)
        assert one("listed", {"years": 1975}, baselines=bare) == (0, 0, 0)
        assert one("directors", {"years": 1975}, baselines=bare) == (0, 0, 0)

    def test_a_rank_counts_by_its_multiples(self) -> None:
        """Ten times worse takes a fifth away; the best list counts."""
        places = [weigh_place(at, 1.0) for at in (1, 10, 100, 1000, 10**9)]
        assert places == pytest.approx([1, 0.8, 0.6, 0.4, 0.2])
        both = [place(position=100), place(list_id=2, weight=0.5, position=1)]
        assert one("ranked", {"years": 1975}, listings=both)[0] == 0.6


class TestRegistry:
    """What a national archive keeps, under however many names."""

    def test_a_place_counts_once(self) -> None:
        """As an awards event and as an imported list at once."""
        twin = Baselines(year=2026, lists=BASELINES.lists, registry_lists=(3,))
        film = {"years": 1975, "is_domestic": True}
        event = {"kept": [Kept(1, 0.6)]}
        listed = {"listings": [place(list_id=3, weight=0.6)]}

        for rows in (event, listed, event | listed):
            assert one("registry", film, baselines=twin, **rows) == (1, 1, 1)
            assert one("listed", film, baselines=twin, **rows)[0] == 0.36

    def test_silence_counts_for_its_own_country_alone(self) -> None:
        """And after ten years: only then a film can be kept."""
        assert one("registry", {"years": 1975, "is_domestic": True})[1] == 0.15
        assert one("registry", {"years": 1975}) == (0, 0, 0)
        assert one("registry", {"years": 2020, "is_domestic": True}) == (0, 0, 0)


class TestAwards:
    """Nominations by prestige, category and whether they won."""

    def test_points(self) -> None:
        """A nomination is two fifths of winning."""
        assert weigh_honour(honour(won=True)) == 1.0
        assert weigh_honour(honour()) == 0.4
        assert weigh_honour(honour("sound")) == pytest.approx(0.14)

    def test_festivals_count_as_juries_too(self) -> None:
        """Academies do not."""
        film = {"years": 1975}
        assert one("juries", film, honours=[honour(festival="cannes")])[0] > 0
        assert one("juries", film, honours=[honour()])[0] == 0
        assert one("awards", film, honours=[honour()])[0] > 0

    def test_an_award_for_the_worst_says_nothing(self) -> None:
        """Nor does what is not for films."""
        film = {"years": 1975}
        assert one("awards", film, honours=[honour(festival="razzies")])[0] == 0
        assert one("awards", film, honours=[honour("best tv show")])[0] == 0

    def test_silence_counts_for_years_whose_editions_are_stored(self) -> None:
        """Before the first, and where none is stored, nothing is known."""
        assert one("awards", {"years": 1975}) == (0, 0.4, 0.4)
        assert one("awards", {"years": 1920}) == (0, 0, 0)
        assert one("juries", {"years": 1935}) == (0, 0, 0)


class TestOthers:
    """Critics, recommendations, directors, scores."""

    def test_critics(self) -> None:
        """On their scales; not stored is not known."""
        assert one("metacritic", {"metacritic": 62.5}) == (0.5, 1, 1)
        assert one("tomatoes", {"tomatoes": 100}) == (1, 1, 1)
        assert one("tomatoes", {"tomatoes": 10}) == (0, 1, 1)
        assert one("metacritic", {}) == (0, 0, 0)

    def test_recommendations(self) -> None:
        """Silence counts as far as films were asked."""
        assert one("named", {"named": 200})[0] == 1
        assert one("named", {}) == (0, 0.15, 0.15)
        assert one("named", {"named": 9}, baselines=Baselines(year=2026)) == (0, 0, 0)

    def test_the_best_of_several_directors_counts(self) -> None:
        """By their other films' places on lists; a film does not speak for itself."""
        listings = [place(2), place(3), place(1)]
        directed = [Directed(1, 7, 2), Directed(1, 7, 3), Directed(1, 8, 2)]

        value, share, _ = one("directors", {}, listings=listings, directed=directed)
        assert value == round(1 - 2.718281828 ** (-1.2 / 1.5), 3)
        assert share > value
        assert one("directors", {}, listings=[place(1)]) == (0, 0.25, 0.25)

    def test_scores_of_few_are_drawn_to_the_mean(self) -> None:
        """And are believed by as much."""
        few = one("tmdb", {"tmdb_scores": 9.5, "tmdb_votes": 2})
        many = one("tmdb", {"tmdb_scores": 8.5, "tmdb_votes": 20_000})

        assert few == (0.507, 1, 0.01)
        assert many == (0.995, 1, 0.99)
        assert one("imdb", {"imdb_scores": 9.0}) == (0, 0, 0)
