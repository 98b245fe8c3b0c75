"""Styles and scripts: what others wrote is as they published it; everything has an address of its own content."""

import hashlib
import tomllib
from importlib.resources import files

from cinegraph.web.assets import Assets
from cinegraph.web.rendering import fill_path, spark_points

_STATIC = files("cinegraph.web") / "static"


def test_what_others_wrote_is_untouched() -> None:
    """Every file against its sum, and no script without one that is not ours."""
    vendored = tomllib.loads((_STATIC / "vendored.toml").read_text())
    for name, told in vendored.items():
        body = (_STATIC / told["file"]).read_bytes()
        assert hashlib.sha256(body).hexdigest() == told["sha256"], name
        assert {"version", "licence", "home"} <= told.keys()
    minified = {each.name for each in _STATIC.iterdir() if ".min." in each.name}
    assert minified == {told["file"] for told in vendored.values()}


def test_ours_asks_nobody_else() -> None:
    """No address of another origin stands in a style or script of ours."""
    for entry in [*_STATIC.iterdir(), *(_STATIC / "styles").iterdir()]:
        if entry.name.endswith((".css", ".js")) and ".min." not in entry.name:
            text = entry.read_text()
            assert "http://" not in text, entry.name
            assert "https://" not in text, entry.name
            assert "@import" not in text, entry.name


def test_an_address_is_of_the_content() -> None:
    """So a browser may keep it for ever."""
    path = Assets().path_of("cinegraph.css")
    assert path.startswith("/static/")
    assert path.endswith("/cinegraph.css")


def test_the_first_page_is_light() -> None:
    """Styles and scripts of every page, as they travel: under 60 of the 150 kB."""
    assets = Assets()
    names = (
        "cinegraph.css",
        "theme.js",
        "htmx.min.js",
        "idiomorph-ext.min.js",
        "cinegraph.js",
    )
    total = sum(len(assets.find(name).compressed) for name in names)
    assert total < 60_000, total


def test_points_of_a_line() -> None:
    """From left to right, nothing at the bottom, the most at the top."""
    assert spark_points([]) == ""
    assert spark_points([0, 1, 2]) == "0.0,23.0 50.0,12.0 100.0,1.0"
    assert spark_points([None, None]) == "0.0,23.0 100.0,23.0"


def test_a_path_is_filled_with_what_cannot_leave_it() -> None:
    """A name with a slash stays one name."""
    assert (
        fill_path("/queues/{queue}/pause", {"queue": "a/../b c"})
        == "/queues/a%2F..%2Fb%20c/pause"
    )
    assert fill_path("/runs/{run_id:int}/pause", {"run_id": 7}) == "/runs/7/pause"
