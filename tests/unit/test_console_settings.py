"""A console's settings: the example shows every one, with its default."""

from __future__ import annotations

import re
import tomllib
from pathlib import Path

from pydantic import BaseModel

from edge.console.accounts.oidc_settings import OidcTable
from edge.console.home_assistant.settings import HomeAssistantTable
from edge.console.settings import ConsoleSettings, HallTable, MetricsTable, SessionTable, WebTable

EXAMPLE = Path(__file__).resolve().parents[2] / "config/console.example.toml"
OPTIONAL = {"oidc", "home_assistant"}  # tables whose being there is what matters
PATHS = ('cert = "console.pem"', 'key = "console.key"')  # by default there are none


def test_the_example_loads_and_leaves_all_as_it_is_by_default() -> None:
    loaded, default = ConsoleSettings.load(EXAMPLE), ConsoleSettings.load(None)
    assert loaded.model_copy(update={"hall": ()}) == default
    (hall,) = loaded.hall
    assert hall.plan
    assert hall.plan.is_file()


def test_it_shows_every_setting_with_its_default() -> None:
    text, _, oidc = EXAMPLE.read_text(encoding="utf-8").partition("#[oidc]\n")
    text, _, home = text.partition("#[home_assistant]\n")
    whole = tomllib.loads(re.sub(r"^#(?=[a-z_0-9]+ = )", "", text, flags=re.M))
    tables: dict[str, type[BaseModel]] = {"web": WebTable, "session": SessionTable, "metrics": MetricsTable}
    for name, table in tables.items():
        assert set(whole[name]) == set(table.model_fields), name
    assert set(whole["hall"][0]) == set(HallTable.model_fields)
    assert set(tables) | {"timezone", "hall"} == set(whole) == set(ConsoleSettings.model_fields) - OPTIONAL
    told = tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", home, flags=re.M))
    assert set(told) == set(HomeAssistantTable.model_fields)
    assert HomeAssistantTable.model_validate(told) == HomeAssistantTable()
    shown = tomllib.loads(re.sub(r"^#(?=[a-z_]+ = )", "", oidc, flags=re.M))
    assert set(shown) == set(OidcTable.model_fields)
    files = dict.fromkeys(("client_secret_file", "ca"), EXAMPLE)
    for name, field in OidcTable.model_fields.items():
        default = field.get_default(call_default_factory=True)
        assert field.is_required() or default in (None, {}, shown[name], tuple(shown["scopes"])), name
    OidcTable.model_validate(shown | files)
    for path in PATHS:
        whole["web"].pop(path.partition(" ")[0])
        assert f"#{path}" in text
    assert ConsoleSettings.model_validate({**whole, "hall": ()}) == ConsoleSettings()
