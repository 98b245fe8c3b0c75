"""What a category counts is told by its name."""

import pytest

from cinegraph.enrichment.cri.categories import OTHER, RULES, weigh_category


@pytest.mark.parametrize(
    ("name", "kind", "standing"),
    [
        ("BEST PICTURE", "Title", 1.0),
        ("palme d'or", "palme d'or", 1.0),
        ("palme d'or - best short film", "palme d'or - best short film", 0.25),
        ("DIRECTING", "Directing", 0.85),
        ("david lean award for direction", "david lean award for direction", 0.85),
        ("ART DIRECTION", "Production", OTHER),
        ("DANCE DIRECTION", "Music", OTHER),
        ("ACTRESS IN A LEADING ROLE", "Acting", 0.6),
        ("WRITING (Original Screenplay)", "Writing", 0.6),
        ("grand prize of the jury", None, 0.8),
        ("world cinema - documentary", "grand jury prize", 0.8),
        ("DOCUMENTARY (Feature)", "Title", 0.65),
        ("SOUND MIXING", "Production", OTHER),
        ("best actor", "bafta tv award", 0.0),
        ("bafta tv award: best actor", "bafta film award", 0.6),
        ("SCIENTIFIC OR TECHNICAL AWARD (Class II)", "SciTech", 0.05),
        ("prize of the ecumenical jury - special mention", None, 0.3),
    ],
)
def test_category_counts(name: str, kind: str | None, standing: float) -> None:
    """As its first rule says."""
    assert weigh_category(name, kind) == standing


def test_every_rule_has_a_reason() -> None:
    """And a standing that is a share."""
    assert all(rule.reason and 0 <= rule.standing <= 1 for rule in RULES)
