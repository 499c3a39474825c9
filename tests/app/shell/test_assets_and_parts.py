from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask import Flask, g, render_template, render_template_string

from app.web.assets import Assets
from app.web.dev import sample_shell
from app.web.parts import PARTS, hue_of, initials_of
from tests.app.shell.conftest import Site, small_website

WEB = Path(__file__).parents[3] / "app" / "web"
TEMPLATES = sorted((WEB / "templates").rglob("*.html"))
ERRORS = [400, 401, 403, 404, 405, 413, 429, 500, 503]


@pytest.fixture
def built(tmp_path: Path) -> Path:
    manifest = {"app.css": "app-0123456789.css", "icons.svg": "icons-0123456789.svg", "icons": ["home"]}
    (tmp_path / "manifest.json").write_text(json.dumps(manifest))
    return tmp_path


@pytest.fixture
def website() -> Iterator[Flask]:
    application = small_website(Site())
    with application.test_request_context("/somewhere?q=1"):
        yield application


def test_an_asset_is_addressed_by_the_name_of_its_build(built: Path) -> None:
    assets = Assets(built, "/static/dist/", reloads=False)

    assert assets.url("app.css") == "/static/dist/app-0123456789.css"
    assert assets.icon("home") == "/static/dist/icons-0123456789.svg#home"


def test_an_icon_that_the_sprite_lacks_is_an_error_that_says_the_cure(built: Path) -> None:
    with pytest.raises(LookupError, match=r"icons\.txt"):
        Assets(built, "/static/dist/", reloads=False).icon("unicorn")


def test_without_a_build_pages_still_have_addresses(tmp_path: Path) -> None:
    assets = Assets(tmp_path, "/static/dist/", reloads=False)

    assert assets.url("app.css") == "/static/dist/app.css"
    assert assets.icon("home") == "/static/dist/icons.svg#home"


def test_a_newer_build_is_noticed_only_where_that_was_asked_for(built: Path) -> None:
    watching, fixed = (Assets(built, "/", reloads=reloads) for reloads in (True, False))
    (built / "manifest.json").write_text(json.dumps({"app.css": "app-new.css"}))
    os.utime(built / "manifest.json", (1, 1))

    assert watching.url("app.css") == "/app-new.css"
    assert fixed.url("app.css") == "/app-0123456789.css"


def test_every_icon_that_a_template_names_is_in_the_sprites_list() -> None:
    listed = set((WEB / "assets" / "icons.txt").read_text().split())
    named = {
        name
        for template in TEMPLATES
        for name in re.findall(r"""(?:ui\.icon\(|icon(?:_after)?=)"([a-z0-9-]+)\"""", template.read_text())
    }

    assert named - listed == set(), "Cure: add the icon to app/web/assets/icons.txt"


@pytest.mark.parametrize("part", sorted(PARTS))
def test_every_part_exists_and_is_described_above_its_macro(website: Flask, part: str) -> None:
    source = (WEB / "templates" / "parts" / f"{PARTS[part]}.html").read_text()

    assert re.search(rf"{{% macro {part}\(", source)
    assert part in source.split("#}")[0]
    assert callable(getattr(website.jinja_env.globals["ui"], part))


def test_a_part_that_does_not_exist_names_those_that_do(website: Flask) -> None:
    with pytest.raises(AttributeError, match="banner"):
        website.jinja_env.globals["ui"].marquee  # noqa: B018


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(WEB)))
def test_templates_hold_nothing_that_a_strict_policy_refuses(template: Path) -> None:
    source = re.sub(r"{#.*?#}", "", template.read_text(), flags=re.DOTALL)
    in_markup = {
        r"<style\b": "put it into assets/css",
        r"\sstyle=": "use a class, data-color or an SVG attribute",
        r"\son[a-z]+=": "listen in assets/js",
    }
    markup = re.sub(r"{%.*?%}|{{.*?}}", "", source, flags=re.DOTALL)
    anywhere = {
        r"hx-on": "listen in assets/js",
        r"""["']js:""": "htmx would evaluate it",
        r"hx-trigger=\"[^\"]*\[": "a filter is evaluated",
        r"javascript:": "use a button",
        r"<script(?![^>]*\bsrc=)": "put it into assets/js",
        r"https?://(?!www\.w3\.org)": "nothing is fetched from elsewhere",
    }

    found = {cure for pattern, cure in anywhere.items() if re.search(pattern, source)}
    found |= {cure for pattern, cure in in_markup.items() if re.search(pattern, markup)}
    assert found == set()


@pytest.mark.parametrize("status", ERRORS)
@pytest.mark.parametrize("signed_in", [True, False])
def test_every_error_page_says_what_happened_the_reference_and_one_next_step(
    website: Flask, status: int, signed_in: bool
) -> None:
    g.shell = sample_shell() if signed_in else None

    shown = render_template(f"errors/{status}.html", status=status, reference="abc-123", message=None)

    assert f'<span class="sf-lost__code">{status}</span>' in shown
    assert 'data-copy="abc-123"' in shown
    assert len(re.findall(r"sf-button--primary\"", shown.split('id="main"')[1].split("</main>")[0])) == 1


def test_a_broken_server_does_not_ask_who_is_signed_in(website: Flask) -> None:
    def broken() -> None:
        raise RuntimeError("the database is away")

    website.extensions["shell_reader"] = broken

    assert "Something broke on our side" in render_template(
        "errors/500.html", status=500, reference="abc", message=None
    )


def test_what_people_wrote_is_escaped_in_every_part(website: Flask) -> None:
    nasty = "<img src=x onerror=alert(1)>\"'"
    calls = """
    {{ ui.button(x, name=x, value=x) }}{{ ui.link_button(x, x) }}{{ ui.field("a", x, value=x, help=x, error=x) }}
    {{ ui.textarea("b", x, value=x) }}{{ ui.select("c", x, [(x, x)], value=x) }}{{ ui.checkbox("d", x, help=x) }}
    {{ ui.radios("e", x, [(x, x, x)], value=x) }}{{ ui.error_summary({"a": x}) }}{{ ui.badge(x) }}{{ ui.avatar(x, key=x) }}
    {{ ui.person(x, x, url=x) }}{{ ui.tabs([{"label": x, "url": x}], x) }}{{ ui.breadcrumbs([(x, x), (x, none)]) }}
    {{ ui.copy_id(x) }}{{ ui.code(x, x) }}{{ ui.empty(x, x) }}{{ ui.refused(x, x, rule=x) }}{{ ui.failed(x, x, reference=x) }}
    {{ ui.toast(x, undo_url=x, reference=x, link=(x, x)) }}{{ ui.banner(x) }}{{ ui.facts([(x, x)]) }}{{ ui.figure(x, x) }}
    {{ ui.search("q", x, value=x, error=x) }}{{ ui.pager(x, x, x) }}{% call ui.panel(x, foot=x) %}{{ x }}{% endcall %}
    {% call ui.dialog("id", x) %}{{ x }}{% endcall %}{% call ui.filter_bar(x, applied=[(x, x)]) %}{% endcall %}
    """
    shown = render_template_string(calls, x=nasty)

    assert "<img src=x" not in shown
    assert 'x onerror=alert(1)>"' not in shown


def test_initials_and_colours_stand_in_for_pictures() -> None:
    assert [initials_of(name) for name in ("Mika Snow", "bob", "北風", "  ", "🎿 yeti", "a b c")] == [
        "MS",
        "B",
        "北",
        "?",
        "Y",
        "AC",
    ]
    signs = {
        "_aarav_": "A",
        "~7~ [xo]": "7X",
        "👩‍🚀": "👩‍🚀",
        "🇳🇴 🎿": "🇳🇴",
        "e\u0301ric": "E\u0301",
        "__": "_",
        "हिन्दी": "हि",
    }
    assert {name: initials_of(name) for name in signs} == signs
    assert hue_of(200000000000000001) == hue_of("200000000000000001")
    assert {hue_of(number) for number in range(100)} == set(range(8))


def test_a_page_in_arabic_reads_from_right_to_left(website: Flask) -> None:
    from flask_babel import force_locale

    with force_locale("ar"):
        assert '<html lang="ar" dir="rtl">' in render_template("home/page.html")
