"""The registry: every provider folder describes itself completely."""

from pathlib import Path

import pytest

from cinegraph.sources import providers
from cinegraph.sources.registry import Source, list_sources

FOLDERS = [
    folder
    for folder in Path(providers.__path__[0]).iterdir()
    if folder.is_dir() and folder.name != "__pycache__"
]


def test_every_folder_is_a_source() -> None:
    """The registry finds each provider folder and nothing else."""
    assert sorted(folder.name for folder in FOLDERS) == [
        source.name for source in list_sources()
    ]


@pytest.mark.parametrize("source", list_sources(), ids=lambda source: source.name)
def test_a_source_is_complete(source: Source) -> None:
    """It has a README, and says what it can do and to whom its data is owed."""
    folder = Path(providers.__path__[0]) / source.name

    assert (folder / "README.md").is_file()
    assert source.capabilities
    assert source.attribution


@pytest.mark.parametrize(
    "source",
    [each for each in list_sources() if each.settings_type],
    ids=lambda source: source.name,
)
def test_who_is_asked_is_asked_slowly_enough(source: Source) -> None:
    """It has settings of its name, and stays under 80 % of the limit, if any."""
    assert source.settings_type is not None
    settings = source.settings_type()

    assert settings.source == source.name
    allowed = source.upstream_per_second
    assert 0 < settings.rate.rate_per_second < 0.8 * (allowed or float("inf"))
    assert settings.rate.upstream_per_second == allowed
