"""Making storable what an attempt left."""

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from cinegraph.jobs.engine.acks import MAX_META_BYTES, clean_meta

_ANYTHING = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(st.characters(codec=None), max_size=20)
    | st.binary(max_size=5)
    | st.builds(object),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=5) | st.integers(), inner, max_size=3)
    ),
    max_leaves=15,
)


@given(st.dictionaries(st.text(max_size=5), _ANYTHING, max_size=4))
def test_any_meta_becomes_json_that_jsonb_takes(meta: dict[str, object]) -> None:
    """Whatever it holds: no NUL, no lone surrogate, an object."""
    encoded = clean_meta(meta)

    assert isinstance(msgspec.json.decode(encoded), dict)
    assert "\0" not in str(msgspec.json.decode(encoded))


def test_meta_that_contains_itself_ends() -> None:
    """A cycle is cut off."""
    meta: dict[str, object] = {}
    meta["self"] = meta

    assert isinstance(msgspec.json.decode(clean_meta(meta)), dict)


def test_huge_meta_is_replaced_by_a_note() -> None:
    """A row is no place for documents."""
    assert msgspec.json.decode(clean_meta({"x": "y" * (MAX_META_BYTES + 1)})) == {
        "meta_left_out_bytes": MAX_META_BYTES + 9
    }
