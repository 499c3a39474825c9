"""Discord's own descriptions as validators, where the files are present.

They lie in the folder `DISCORD_SPEC_DIR`, or in `shared/discord` beside the repository. Where they are not, nothing is
validated and the run ends with a line that says so (`conftest.py`).
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Mapping
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
    """`openapi.json`: what each route may be asked, and which answers it may give."""

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

    def template_of(self, method: str, path: str) -> str | None:
        """The route that a path belongs to, ids as `{}`; None where Discord's file has none. `@me` and `@original` are names."""
        asked = path.strip("/").split("/")
        fitting = [
            template
            for template, methods in self._paths.items()
            if method.lower() in methods and _fits(template.strip("/").split("/"), asked)
        ]
        return min(fitting, key=lambda template: template.count("{}"), default=None)

    def complaints_about_request(self, method: str, template: str, query: Mapping[str, str], body: Any) -> list[str]:
        """What is wrong with a request; empty for a valid one."""
        operation = self._paths[_nameless(template)][method.lower()]
        known = {one["name"]: one["schema"] for one in operation.get("parameters", ()) if one.get("in") == "query"}
        found = [f"?{name} is no parameter of {method} {template}" for name in query if name not in known]
        for name, value in query.items():
            if name in known:
                found += [f"?{name} {wrong}" for wrong in self._errors(known[name], _as_typed(known[name], value))]
        asked = operation.get("requestBody")
        if asked is None:
            return found if body in (None, {}) else [*found, f"{method} {template} takes no body"]
        if body is None and not asked.get("required"):
            return found
        body = {} if body is None else body  # the documentation knows no body where the file wants an empty one
        schema = asked["content"]["application/json"]["schema"]
        return found + self._errors(schema, body) + sorted(self._unknown(schema, body))

    def _unknown(self, schema: dict[str, Any], body: Any) -> set[str]:
        """Keys that no variant of an object's schema knows: Discord ignores them, so they never do what was meant."""
        known = self._properties(schema)
        return (
            {f"/{name} is unknown" for name in body if name not in known} if known and isinstance(body, dict) else set()
        )

    def _properties(self, schema: dict[str, Any]) -> set[str]:
        if "$ref" in schema:
            return self._properties(self._components["schemas"][schema["$ref"].rpartition("/")[2]])
        found = set(schema.get("properties", ()))
        for variant in (*schema.get("anyOf", ()), *schema.get("oneOf", ()), *schema.get("allOf", ())):
            found |= self._properties(variant)
        return found

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


def _fits(template: list[str], asked: list[str]) -> bool:
    return len(template) == len(asked) and all(
        part == "{}" or part == word for part, word in zip(template, asked, strict=True)
    )


def _as_typed(schema: dict[str, Any], value: str) -> Any:
    """A query's word as the type that its schema wants."""
    types = schema.get("type", ())
    if "integer" in ([types] if isinstance(types, str) else types) and value.isdigit():
        return int(value)
    return {"true": True, "false": False}.get(value, value) if "boolean" in str(types) else value


def _nameless(template: str) -> str:
    return re.sub(r"\{[^}]+\}", "{}", template)
