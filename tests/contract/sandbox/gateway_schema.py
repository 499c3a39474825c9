"""Discord's own description of the gateway, as validators: what it dispatches, and what clients send."""

from __future__ import annotations

from functools import cache
from typing import Any
from urllib.parse import unquote

import jsonschema_rs
import orjson

from tests.contract import discord_spec

DISPATCHES = "gateway-dispatch.schema.json"
SENDS = "gateway-send.schema.json"


@cache
def description(name: str) -> dict[str, Any] | None:
    """One of Discord's files, with bit flags relaxed to integers; None where it is not at hand."""
    if not discord_spec.is_present(name):
        return None
    schema: dict[str, Any] = _valid(orjson.loads((discord_spec.folder() / name).read_bytes()))
    for title, definition in schema["definitions"].items():
        if title.endswith("Flags") and ("enum" in definition or "const" in definition):
            schema["definitions"][title] = {"type": "integer"}
    _correct_snapshot(schema["definitions"])
    return schema


def _correct_snapshot(definitions: dict[str, Any]) -> None:
    # The generated file gives each field of a snapshot the type of the whole message, and requires stickers.
    snapshot = definitions.get("APIMessageSnapshotFields")
    if snapshot is not None:
        snapshot["required"] = [name for name in snapshot["required"] if "sticker" not in name]
        snapshot["properties"] = {
            name: definitions["APIMessage"]["properties"][name] for name in snapshot["properties"]
        }


def _valid(node: Any) -> Any:
    # The generated file says why something is deprecated where a schema only knows whether.
    if isinstance(node, dict):
        return {key: _valid(value) for key, value in node.items() if key != "deprecated" or isinstance(value, dict)}
    return [_valid(one) for one in node] if isinstance(node, list) else node


def dispatch_problems(payload: dict[str, Any]) -> list[str]:
    """What Discord's description finds wrong with one dispatch; nothing where the description is not at hand."""
    if description(DISPATCHES) is None:
        return []
    if payload["t"] == "RESUMED":
        # Described as having no data; on the wire it has a trace.
        payload = {key: value for key, value in payload.items() if key != "d"}
    return _problems(_dispatch_validator(payload["t"]), payload, payload["t"])


def send_problems(payload: dict[str, Any]) -> list[str]:
    """What Discord's description finds wrong with what a client sent."""
    if description(SENDS) is None:
        return []
    return _problems(_send_validator(payload["op"]), _with_activities(payload), f"op {payload['op']}")


def _with_activities(payload: dict[str, Any]) -> dict[str, Any]:
    # hikari still speaks of `game`, which Discord takes though it describes `activities` alone.
    presence = (
        payload["d"] if payload["op"] == 3 else (payload["d"] or {}).get("presence") if payload["op"] == 2 else {}
    )
    if not presence or "game" not in presence:
        return payload
    renamed = {key: value for key, value in presence.items() if key != "game"}
    renamed["activities"] = [presence["game"]] if presence["game"] else []
    return payload | {"d": renamed if payload["op"] == 3 else payload["d"] | {"presence": renamed}}


def _problems(validator: jsonschema_rs.Draft7Validator, payload: dict[str, Any], name: str) -> list[str]:
    return [
        f"{name} {'/'.join(str(part) for part in error.instance_path)}: {error.message[:300]}"
        for error in validator.iter_errors(payload)
    ]


@cache
def _dispatch_choices() -> dict[str, dict[str, Any]]:
    schema = description(DISPATCHES)
    assert schema is not None
    definitions = schema["definitions"]
    choices = definitions["GatewayDispatchPayload"]["anyOf"]
    return {name: choice for choice in choices for name in _event_names(definitions, choice)}


@cache
def _dispatch_validator(event: str) -> jsonschema_rs.Draft7Validator:
    schema = description(DISPATCHES)
    assert schema is not None
    choice = _dispatch_choices().get(event, {"not": {}})
    return jsonschema_rs.Draft7Validator(choice | {"definitions": schema["definitions"]})


def _event_names(definitions: dict[str, Any], node: dict[str, Any]) -> list[str]:
    while "$ref" in node:
        node = definitions[unquote(node["$ref"].removeprefix("#/definitions/"))]
    parts = node.get("anyOf") or node.get("allOf") or [node]
    if parts == [node]:
        told = node["properties"]["t"]
        return [told["const"]] if "const" in told else list(told.get("enum", ()))
    return [name for part in parts for name in _event_names(definitions, part)]


@cache
def _send_validator(op: int) -> jsonschema_rs.Draft7Validator:
    schema = description(SENDS)
    assert schema is not None
    definitions = schema["definitions"]
    for choice in definitions["GatewaySendPayload"]["anyOf"]:
        definition = definitions[choice["$ref"].removeprefix("#/definitions/")]
        if definition["properties"]["op"]["const"] == op:
            return jsonschema_rs.Draft7Validator(choice | {"definitions": definitions})
    return jsonschema_rs.Draft7Validator({"not": {}})
