"""Reading a JSON Schema: which part of it an error belongs to, and what it asks for, in plain words."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from drivers.checking.values import show
from drivers.checking.words import NOTHING, Text

Node = Mapping[str, Any]

_TYPES: dict[str, Text] = {
    "integer": Text("整数", "a whole number"),
    "number": Text("数", "a number"),
    "string": Text("文字（加引号）", "text in quotes"),
    "boolean": Text("true 或 false", "true or false"),
    "array": Text("列表 [ … ]", "a list [ … ]"),
    "object": Text("表", "a table"),
}


def resolve(node: Node, schema: Node) -> Node:
    """The node itself, after its $ref; what stands beside the $ref (description, default) is kept."""
    while "$ref" in node:
        target: Any = schema
        for part in str(node["$ref"]).removeprefix("#/").split("/"):
            target = target[part]
        node = {**target, **{key: value for key, value in node.items() if key != "$ref"}}
    return node


def branches(node: Node, schema: Node) -> Iterator[Node]:
    """The members of a union, null left out; a node that is no union is its own only member."""
    members = node.get("anyOf") or node.get("oneOf")
    if not members:
        yield node
        return
    for member in members:
        resolved = resolve(member, schema)
        if resolved.get("type") != "null":
            yield from branches(resolved, schema)


def locate(schema: Node, loc: Sequence[str | int]) -> tuple[list[str | int], Node]:
    """The key path of an error of pydantic and the schema's node for it ({} for an unknown key).

    pydantic puts the names of union members and "[key]" into a location; they are no part of the file.
    """
    path: list[str | int] = []
    node = resolve(schema, schema)
    for part in loc:
        if part == "[key]":
            continue
        step = _step(node, part, schema)
        if step is None and _is_union(node, schema):
            node = _member(node, str(part), schema)
            continue
        path.append(part)
        node = step or {}
    return path, node


def known_keys(schema: Node, loc: Sequence[str | int]) -> list[str]:
    """The settings that a table at this place may have."""
    node = locate(schema, loc)[1]
    return sorted({key for branch in branches(node, schema) for key in branch.get("properties", {})})


def choices(node: Node, schema: Node) -> list[str]:
    """The words that may stand here, [] where it is no choice of words."""
    found: list[str] = []
    for branch in branches(node, schema):
        listed = branch.get("enum", [branch["const"]] if "const" in branch else [])
        found += [str(choice) for choice in listed]
    return found


def words_for(node: Node, schema: Node) -> Text:
    """What would be right here: type, bounds, choices, an example, the default, and what it is for."""
    parts = [_kind(branch) for branch in branches(node, schema)]
    zh, en = " 或 ".join(p.zh for p in parts if p.zh), " or ".join(p.en for p in parts if p.en)
    if example := node.get("examples"):
        zh, en = f"{zh}，例如 {example[0]}", f"{en}, for example {example[0]}"
    if node.get("default") not in (None, "", [], {}):
        default = show(node["default"])
        zh, en = f"{zh}，默认 {default}", f"{en}, default {default}"
    if note := node.get("description"):
        zh, en = f"{zh}（{note}）", f"{en} ({note})"
    return Text(zh, en)


def _kind(node: Node) -> Text:
    if "enum" in node or "const" in node:
        listed = " | ".join(str(each) or '""' for each in node.get("enum", [node.get("const")]))
        return Text(f"可选 {listed}", f"one of {listed}")
    words = _TYPES.get(str(node.get("type")), NOTHING)
    bounds = _bounds(node)
    return Text(words.zh + bounds.zh, words.en + bounds.en)


def _bounds(node: Node) -> Text:
    low, above = node.get("minimum"), node.get("exclusiveMinimum")
    high, below = node.get("maximum"), node.get("exclusiveMaximum")
    zh, en = "", ""
    if low is not None:
        zh, en = f"，不小于 {low}", f" from {low}"
    elif above is not None:
        zh, en = f"，大于 {above}", f" above {above}"
    if high is not None:
        zh, en = f"{zh}，不大于 {high}", f"{en} up to {high}"
    elif below is not None:
        zh, en = f"{zh}，小于 {below}", f"{en} below {below}"
    for least, most in (("minLength", "maxLength"), ("minItems", "maxItems")):
        if least in node:
            zh, en = f"{zh}，至少 {node[least]} 个", f"{en}, at least {node[least]} long"
        if most in node:
            zh, en = f"{zh}，至多 {node[most]} 个", f"{en}, at most {node[most]} long"
    if "pattern" in node:
        zh, en = f"{zh}，须符合 {node['pattern']}", f"{en} that matches {node['pattern']}"
    return Text(zh, en)


def _step(node: Node, part: str | int, schema: Node) -> Node | None:
    """One level down, None where no branch knows it."""
    for branch in branches(node, schema):
        found: Any = None
        if isinstance(part, int):
            prefix = branch.get("prefixItems", [])
            found = prefix[part] if part < len(prefix) else branch.get("items")
        elif part in branch.get("properties", {}):
            found = branch["properties"][part]
        elif patterns := branch.get("patternProperties"):
            found = next(iter(patterns.values()))
        elif isinstance(branch.get("additionalProperties"), Mapping):
            found = branch["additionalProperties"]
        if found:
            return resolve(found, schema)
    return None


def _is_union(node: Node, schema: Node) -> bool:
    return len(list(branches(node, schema))) > 1


def _member(node: Node, label: str, schema: Node) -> Node:
    """The union's member of this name or tag; the union itself where none can be told."""
    for branch in branches(node, schema):
        tags = {str(p.get("const")) for p in branch.get("properties", {}).values() if "const" in p}
        if label == branch.get("title") or label in tags:
            return branch
    return node
