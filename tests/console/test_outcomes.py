"""The trail in words: nothing of what is refused, and nobody's role, is left in the other language."""

from __future__ import annotations

import re

import pytest

from edge.console.accounts import refusals
from edge.console.accounts.refusals import Words
from edge.console.accounts.roles import Role
from edge.console.accounts.trail import Act
from edge.console.web import outcomes
from edge.console.web.visit import Visit
from edge.rules.followup_steps import REFUSALS

ZH, EN = Visit("zh"), Visit("en")
LATIN = re.compile(r"[A-Za-z]{2}")
SAID = [words for words in vars(refusals).values() if isinstance(words, Words)]
KEPT = [
    "ok",
    "done",
    "failed",
    "refused",
    "refused: wrong",
    "refused: 403",
    "failed: timeout",
    "unknown: busy",
]
KEPT += [f"refused: {code}" for code in REFUSALS] + [f"refused: {words.en}" for words in SAID]


@pytest.mark.parametrize("kept", KEPT)
def test_what_came_of_it_is_told_in_either_language(kept: str) -> None:
    assert not LATIN.search(outcomes.result(ZH, kept).replace(". _ -", ""))
    assert not re.search("[一-鿿]", outcomes.result(EN, kept))


def test_what_nobody_has_put_into_words_stands_as_it_was_kept() -> None:
    assert outcomes.result(ZH, "rejected: half_open") == "没有执行：half_open"
    assert outcomes.result(ZH, "teapot: x") == "teapot: x"
    assert outcomes.result(ZH, "OK\nno") == "OK\nno"
    assert outcomes.role(ZH, "") == ""


def test_roles_and_acts_have_words() -> None:
    assert [outcomes.role(ZH, role) for role in Role] == ["查看", "管理", "技术", "审计"]
    invited = Act(1.0, "li", "manager", "", "account.invited", "chen", "viewer county", "ok", "::1")
    assert (outcomes.did(ZH, invited), outcomes.detail(ZH, invited)) == ("邀请", "查看 county")
    picture = Act(1.0, "li", "manager", "", "camera.picture", "n/5", "viewer now", "ok", "::1")
    assert (outcomes.did(EN, picture), outcomes.detail(EN, picture)) == ("Look at a picture", "viewer now")
    for what, said in (("device.restart", "重新连接"), ("camera.look", "马上查看"), ("post /x", "")):
        assert outcomes.did(ZH, Act(1.0, "", "", "", what, "", "", "ok", "")) == said
