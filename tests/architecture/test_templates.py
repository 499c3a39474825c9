"""What a strict browser and a translator expect of every template."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest
from jinja2 import Environment

from tests.architecture.markup import bare_sentences, bare_words, elements, templates, without_jinja
from tests.architecture.source import calls, name_of, python_files, tree_of

BUNDLED = frozenset({"src", "defer"})
SAFE_MARKUP: dict[str, str] = {
    "app/web/discord_markup/text.py": "every letter that came from Discord went through html.escape; the tags are our own",
    "app/web/messages/search_page.py": "Markup.format escapes each part of what was typed",
    "app/web/htmx.py": "joins partials that Jinja has rendered",
}
"""Files that may make markup past Jinja's escaping, each with the reason that keeps it harmless."""

ERRORS = ("Invalid", "Forbidden", "NotFound", "Conflict", "Gone", "Refused", "Unavailable", "DomainError")


def _is_client(path: Path) -> bool:
    """Errors of outsiders carry a code; the domain puts words to it."""
    return name_of(path).startswith("app/clients/")


@pytest.fixture(scope="module")
def environment() -> Environment:
    return Environment(extensions=["jinja2.ext.i18n"])


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_carry_no_script_and_no_style_of_their_own(path: Path) -> None:
    for element in elements(path):
        where = f"{name_of(path)}:{element.line} <{element.name}>"
        assert element.name != "style", f"{where}: styles live in app/web/assets/css"
        if element.name == "script":
            assert set(element.attributes) <= BUNDLED and "src" in element.attributes, (
                f"{where}: scripts live in app/web/assets/js; the policy refuses the rest"
            )
        for name, value in element.attributes.items():
            assert name != "style", f"{where}: an inline style is refused by the policy; give it a class"
            assert not name.startswith(("on", "hx-on")), f"{where} {name}: listen in app/web/assets/js instead"
            assert not value.strip().lower().startswith(("js:", "javascript:")), (
                f"{where} {name}: no code in attributes"
            )


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_templates_switch_no_escaping_off(path: Path) -> None:
    for number, line in enumerate(path.read_text().splitlines(), 1):
        assert not re.search(r"\|\s*safe\b|\bautoescape\s+false", line), (
            f"{name_of(path)}:{number}: nothing is safe by itself; make the markup in a file of SAFE_MARKUP, with its reason"
        )


@pytest.mark.parametrize("path", python_files("app", "bot"), ids=name_of)
def test_markup_is_made_where_the_reason_is_written_down(path: Path) -> None:
    makes = [call.lineno for call in calls(path) if ast.unparse(call.func) in ("Markup", "markupsafe.Markup")]
    assert not makes or name_of(path) in SAFE_MARKUP, (
        f"{name_of(path)}:{makes[0]} makes markup past Jinja's escaping: render a part instead, or list it with its reason"
    )


def test_every_listed_maker_of_markup_still_is_one() -> None:
    listed = {name for name in SAFE_MARKUP if not any("Markup(" in line for line in _lines(name))}
    assert not listed, f"{listed} make no markup any more: take them off the list"


def _lines(name: str) -> list[str]:
    path = next((path for path in python_files("app") if name_of(path) == name), None)
    return path.read_text().splitlines() if path else []


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_every_sentence_of_a_template_can_be_translated(path: Path, environment: Environment) -> None:
    found = [str(one) for one in (*bare_words(path), *bare_sentences(path, environment))]
    assert not found, "\n  ".join(["write {{ _(…) }} around:", *found])


@pytest.mark.parametrize("path", [path for path in python_files("app", "bot") if not _is_client(path)], ids=name_of)
def test_every_error_is_told_in_the_readers_language(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        if not isinstance(node, ast.Call) or ast.unparse(node.func).rsplit(".", 1)[-1] not in ERRORS:
            continue
        spoken = [node.args[0]] if node.args else []
        spoken += [value for word in node.keywords if word.arg == "fields" for value in _values(word.value)]
        for words in spoken:
            is_bare = isinstance(words, ast.JoinedStr) or (
                isinstance(words, ast.Constant) and isinstance(words.value, str) and " " in words.value
            )
            assert not is_bare, f"{name_of(path)}:{node.lineno} says {ast.unparse(words)}: write _(…) around it"


@pytest.mark.parametrize("path", python_files("bot"), ids=name_of)
def test_what_discord_shows_of_commands_and_the_bots_api_says_can_be_translated(path: Path) -> None:
    for node in ast.walk(tree_of(path)):
        spoken: list[ast.expr] = []
        if isinstance(node, ast.ClassDef):
            spoken = [word.value for word in node.keywords if word.arg == "description"]
        elif isinstance(node, ast.Call) and ast.unparse(node.func).startswith("lightbulb."):
            spoken = node.args
        elif isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            spoken = [value for key, value in pairs if isinstance(key, ast.Constant) and key.value == "message"]
        for words in spoken:
            is_bare = isinstance(words, ast.Constant) and isinstance(words.value, str) and " " in words.value
            assert not is_bare, f"{name_of(path)}:{node.lineno} says {ast.unparse(words)}: write _(…) around it"


def _values(mapping: ast.expr) -> list[ast.expr]:
    return list(mapping.values) if isinstance(mapping, ast.Dict) else []


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_forms_that_htmx_sends_also_work_without_it(path: Path) -> None:
    for element in elements(path):
        if "hx-post" not in element.attributes:
            continue
        assert (
            element.name == "form" and element.attributes.get("method") == "post" and "action" in element.attributes
        ), (
            f"{name_of(path)}:{element.line}: hx-post stands on <form method=post action=…> alone, so that it works without script"
        )


@pytest.mark.parametrize("path", templates(), ids=name_of)
def test_nothing_is_loaded_from_another_host(path: Path) -> None:
    for element in elements(path):
        for name in ("src", "srcset", "poster", "data"):
            value = element.attributes.get(name, "")
            assert not re.match(r"\s*(https?:)?//", value), f"{name_of(path)}:{element.line} loads {value}"
        if element.name == "link":
            assert "//" not in element.attributes.get("href", ""), (
                f"{name_of(path)}:{element.line} loads a foreign file"
            )


def test_the_lint_sees_what_it_is_for(tmp_path: Path, environment: Environment) -> None:
    assert without_jinja('<p title="{{ _("x") }}">{% if a %}b{% endif %}</p>').startswith('<p title="\x02')
    bad = tmp_path / "bad.html"
    bad.write_text('{{ _("Fine") }}\n<p title="Not fine">Nor this</p>\n{{ ui.button("Save it") }}<kbd>Enter</kbd>')
    assert [one.line for one in (*bare_words(bad), *bare_sentences(bad, environment))] == [2, 2, 3]
