"""Discord's own descriptions as validators, where the files are present.

They lie in the folder `DISCORD_SPEC_DIR`, or in `shared/discord` beside the repository. Where they are not, nothing is
validated and the run ends with a line that says so (`conftest.py`).
"""

from __future__ import annotations

import json
import os
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs

REPOSITORY = Path(__file__).resolve().parents[2]
REST_FILE = "openapi.json"
SOURCE = "https://github.com/discord/discord-api-spec (specs/openapi.json)"


def folder() -> Path:
    """Where the descriptions are looked for."""
    return Path(os.environ.get("DISCORD_SPEC_DIR") or REPOSITORY.parent / "shared" / "discord")


def is_present(name: str) -> bool:
    """Whether a description is there."""
    return (folder() / name).is_file()


class RestDescription:
    """`openapi.json`: which answers each route may give."""

    def __init__(self, document: dict[str, Any]) -> None:
        self._components = {"schemas": _corrected(document["components"]["schemas"])}
        self._responses = document["components"]["responses"]
        self._paths = {_nameless(path): methods for path, methods in document["paths"].items()}
        self._validators: dict[str, jsonschema_rs.Validator] = {}

    def describes(self, method: str, template: str) -> bool:
        """Whether Discord's file has this route at all (it lacks a few)."""
        return method.lower() in self._paths.get(_nameless(template), {})

    def complaints(self, method: str, template: str, status: int, payload: Any) -> list[str]:
        """What is wrong with an answer; empty for a valid one."""
        responses = self._paths[_nameless(template)][method.lower()]["responses"]
        response = responses.get(str(status)) or responses.get(f"{status // 100}XX")
        if response is None:
            return [f"{method} {template} may answer {', '.join(responses)}, not {status}"]
        if "$ref" in response:
            response = self._responses[response["$ref"].rpartition("/")[2]]
        content = response.get("content", {}).get("application/json")
        if content is None:
            return [] if payload is None else [f"{method} {template} {status} has no body"]
        return self._errors(content["schema"], payload)

    def _errors(self, schema: dict[str, Any], payload: Any) -> list[str]:
        key = json.dumps(schema, sort_keys=True)
        if key not in self._validators:
            whole = {**schema, "components": self._components}
            self._validators[key] = jsonschema_rs.Draft202012Validator(whole, validate_formats=True)
        found = self._validators[key].iter_errors(payload)
        return [f"/{'/'.join(map(str, one.instance_path))}: {one.message[:500]}" for one in found]


@cache
def rest_description() -> RestDescription | None:
    """The REST description, or None where the file is absent."""
    path = folder() / REST_FILE
    return RestDescription(json.loads(path.read_text())) if path.is_file() else None


def _corrected(schemas: dict[str, Any]) -> dict[str, Any]:
    # Discord's documentation wins over the file: codes inside `errors` are words such as BASE_TYPE_REQUIRED,
    # and a message reference of type 1 is a forward.
    problem = {"type": "object", "properties": {"code": {"type": "string"}, "message": {"type": "string"}}}
    problem["required"] = ["code", "message"]
    inner = {**schemas["InnerErrors"], "properties": {"_errors": {"type": "array", "items": problem}}}
    details = {"anyOf": schemas["ErrorDetails"]["oneOf"]}
    reference = {"type": "integer", "enum": [0, 1]}
    return {**schemas, "InnerErrors": inner, "ErrorDetails": details, "MessageReferenceType": reference}


def _nameless(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", template)
