"""`enrichment.md`: what is computed of films, which changes it follows, and how."""

from cinegraph.enrichment.due.kinds import FOLLOWED, MOST_SPREAD, Beside, Kind
from cinegraph.enrichment.due.taking import PATIENCE, QUIET
from reference.writing import document, table

_BESIDE = {
    Beside.SAME_DIRECTOR: "other films of who directs it, or did",
    Beside.CANON_DIRECTOR: "other films of who directs it, or did, where a list or a registry names it, or did",
    Beside.NAMED: "films that TMDB recommends beside it, or did",
}


def page() -> str:
    """Return the page."""
    return document(
        "What is computed, and when",
        "Every change of a film is in the [change log](tables.md#changes). The leading node follows it and makes the"
        " film due for what follows from the change, once a kind however often it changed"
        " ([enrichment_due](tables.md#enrichment_due)). A film that is new, gone, back or merged is due for all kinds.",
        f"A change may concern films beside the changed one: at most {MOST_SPREAD} of them, and it goes no further from"
        " there. How many that left out is counted and shown; the next pass over all films computes them. Films that"
        " were beside it until the change count as well ([enrichment_former](tables.md#enrichment_former)).",
        "Where the version of how a kind is computed is another one than that of its last pass, all films are computed"
        " anew as soon as a worker runs.",
        "`cinegraph enrich status` shows how many films are current, due, failing and impossible, and why.",
        *(part for name, kind in FOLLOWED.items() for part in _section(name, kind)),
    )


def _section(name: str, kind: Kind) -> list[str]:
    told = [
        f"Due {kind.settle_seconds:g} s after its first change"
        if kind.settle_seconds
        else "Due at once",
        f"up to {kind.most_alone} films by [jobs of their own](jobs.md#enrichmovie)",
        "more in [one pass](jobs.md#enrichcatalog)",
    ]
    if kind.waits_for_quiet:
        told.append(
            f"many wait until none became due for {QUIET.seconds} s, at most {PATIENCE.seconds // 60} minutes"
        )
    if kind.all_share is not None:
        told.append(f"all films in one pass where {kind.all_share:.0%} of them are due")
    if kind.all_days is not None:
        days = "day" if kind.all_days == 1 else f"{kind.all_days} days"
        told.append(f"all films anew every {days}")
    rows = [
        [
            f"`{field}`",
            kind.fields.get(field, "it does not concern the film itself"),
            _beside(kind, field),
        ]
        for field in dict.fromkeys([*kind.fields, *kind.spreads])
    ]
    return [
        f"## {name}",
        f"Version {kind.version}. {'; '.join(told)}.",
        table(["What changed", "Why it matters", "Also due"], rows),
    ]


def _beside(kind: Kind, field: str) -> str:
    beside = kind.spreads.get(field)
    return "" if beside is None else _BESIDE[beside]
