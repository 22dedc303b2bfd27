"""What is kept is bounded by its bytes, and what was asked for last stays."""

from __future__ import annotations

from kiosk_ui.kept import Kept


def test_the_one_that_was_not_asked_for_longest_goes_first() -> None:
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    kept = Kept(make, len, most_bytes=6)
    for key in ("aa", "bb", "cc", "aa", "dd"):
        assert kept[key] == key
    assert (list(kept.all()), kept.bytes) == (["cc", "aa", "dd"], 6)
    assert kept["bb"] == "bb"
    assert made == ["aa", "bb", "cc", "dd", "bb"]


def test_one_that_is_larger_than_the_bound_is_the_only_one() -> None:
    kept = Kept(str, len, most_bytes=3)
    assert [kept[key] for key in (1, 22, 333_333)] == ["1", "22", "333333"]
    assert (list(kept.all()), kept.bytes) == (["333333"], 6)
    kept.clear()
    assert (list(kept.all()), kept.bytes) == ([], 0)


def test_what_is_too_large_for_one_is_made_each_time_and_drives_nothing_out() -> None:
    made: list[str] = []
    kept = Kept[str, str](lambda key: made.append(key) or key, len, 10, most_of_one=4)  # type: ignore[func-returns-value]
    assert [kept["abcd"], kept["abcde"], kept["abcde"], kept["abcd"]] == ["abcd", "abcde", "abcde", "abcd"]
    assert made == ["abcd", "abcde", "abcde"]
    assert (kept.bytes, list(kept.all())) == (4, ["abcd"])
