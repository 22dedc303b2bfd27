"""The API tried by somebody who knows nothing but its description."""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

import pytest

from edge.console.accounts import limits
from edge.console.api.openapi import openapi
from edge.console.api.operations import ROOT
from tests.console.api_kit import token_of
from tests.console.kit import NOW_S, Kept, console

SCHEMATHESIS = Path(sys.executable).parent / "schemathesis"
# What a description cannot say is refused all the same: a day that comes after another, a month of none.
BUT = ("--exclude-checks", "positive_data_acceptance")


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    "phases",
    ["coverage", pytest.param("fuzzing,stateful", marks=pytest.mark.thorough)],
)
async def test_whatever_is_asked_is_answered_as_described(
    tmp_path: Path, record: Kept, phases: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Edges, chance and whole stories, wrong and right: no 5xx, nothing accepted that should not be."""
    monkeypatch.setattr(limits, "ASKED_AT_ONCE", 1_000_000)
    document = openapi()
    del document["paths"][f"{ROOT}/stream"]  # it has no end
    (tmp_path / "openapi.json").write_text(json.dumps(document), encoding="utf-8")
    async with console(tmp_path, record=record) as here:
        process = await asyncio.create_subprocess_exec(
            *(str(SCHEMATHESIS), "run", "openapi.json", "--url", here.address, "--checks", "all", *BUT),
            *("--header", f"Authorization: Bearer {token_of(here.store, 'auditor', NOW_S)}", "--no-color"),
            *("--seed", "7", "--phases", phases, "--max-examples", "25", "--request-timeout", "60"),
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.STDOUT,
            cwd=tmp_path,
        )
        said, _ = await process.communicate()
    assert process.returncode == 0, said.decode()[-6000:]
    assert f"Tested: {len(document['paths']) + 1}" in said.decode()  # two methods share a path
