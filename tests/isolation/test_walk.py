"""Every route × method × person: strangers learn nothing, lower roles may not, and what is refused changes nothing."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import parse_qs, urlsplit

import pytest
from flask import Flask
from werkzeug.test import TestResponse

from app.domain.access import Role
from tests.isolation.cast import INSIDERS, NAMES, NOBODY, OUTSIDERS, holder_of
from tests.isolation.conftest import Walk, same_answer
from tests.isolation.routes import COMMUNITY, ELSEWHERE, Visit
from tests.isolation.unchanged import checksums, nothing_changes
from tests.isolation.world import MARK, UNKNOWN_GUILD
from tests.servers.sandbox import ALICE, CHARLIE

METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")
ON_SQLITE_ALONE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
"""For what the door decides before any row is read: the database makes no difference."""
EVERY = pytest.mark.parametrize("visit", COMMUNITY, ids=str)


def test_every_route_is_in_the_table(migrated_app: Flask) -> None:
    """T01"""
    listed = {visit.endpoint for visit in COMMUNITY} | set(ELSEWHERE)
    routes = {rule.endpoint for rule in migrated_app.url_map.iter_rules() if not rule.endpoint.startswith("dev.")}
    assert routes - listed == set(), "add these to tests/isolation/routes.py with ids to ask for them by"
    assert listed - routes == set(), "these routes are gone: take them off tests/isolation/routes.py"


def test_every_method_of_a_route_is_in_the_table(migrated_app: Flask) -> None:
    """T01"""
    listed = {(visit.endpoint, visit.method) for visit in COMMUNITY}
    for rule in migrated_app.url_map.iter_rules():
        if rule.endpoint in ELSEWHERE or rule.endpoint.startswith("dev."):
            continue
        walked_apart = {"PUT", "PATCH", "DELETE"} if rule.endpoint == "bot_proxy.forwarded" else set()
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"} - walked_apart:
            assert (rule.endpoint, method) in listed, f"add {method} {rule.endpoint} to tests/isolation/routes.py"


@EVERY
def test_the_lowest_role_that_may_does(walk: Walk, visit: Visit) -> None:
    """Proves that the table asks as a person would, so that a refusal elsewhere refuses the person, not the request."""
    with nothing_changes_in_b(walk):
        answer = walk.go(holder_of(visit.lowest), visit, walk.a.guild_id, walk.a)

    assert answer.status_code in visit.answers, _told(answer)
    _carries_nothing_of_b(answer)


@EVERY
def test_fields_that_no_form_has_are_ignored(walk: Walk, visit: Visit) -> None:
    """T03: mass assignment by query, form, JSON and header."""
    known = {**(visit.form(walk.a) if visit.form else {}), **visit.query(walk.a)}
    tenants = checksums(walk.app, tenant_id=walk.a.tenant_id)["tenants"]
    headers = {"X-Tenant-Id": str(walk.b.tenant_id), "X-Guild-Id": str(walk.b.guild_id), "X-Actor-Id": str(ALICE)}
    extra = {name: value for name, value in _fields_of_rows(walk).items() if name not in known}
    with nothing_changes_in_b(walk):
        answer = walk.go(holder_of(visit.lowest), visit, walk.a.guild_id, walk.a, extra=extra, headers=headers)

    assert answer.status_code in visit.answers | {422}, _told(answer)
    _carries_nothing_of_b(answer)
    assert checksums(walk.app, tenant_id=walk.a.tenant_id)["tenants"] == tenants
    spoken_for = {(caller.tenant_id, caller.guild_id) for caller, *_call in walk.town.bot.calls}
    assert spoken_for <= {(walk.a.tenant_id, walk.a.guild_id)}, "T05: the bot was asked about another community"


def _fields_of_rows(walk: Walk) -> dict[str, str]:
    return {
        "tenant_id": str(walk.b.tenant_id),
        "tenant": str(walk.b.tenant_id),
        "guild_id": str(walk.b.guild_id),
        "guild": str(walk.b.guild_id),
        "id": "1",
        "owner_id": str(walk.b.owner_id),
        "created_by": str(walk.b.owner_id),
        "actor_id": str(walk.b.owner_id),
        "plan": "free",
        "state": "detached",
        "slug": "taken",
        "status": "applied",
        "number": "999",
    }


def test_strangers_cannot_tell_a_community_from_one_that_does_not_exist(walk: Walk) -> None:
    """T01: Charlie owns B and knows every id of A; another is signed in and knows them too."""
    for outsider in OUTSIDERS:
        walk.as_(outsider)
        with nothing_changes(walk.app, NAMES[outsider]):
            for visit in walk.everything():
                for htmx in (False, True):
                    theirs = walk.go(outsider, visit, walk.a.guild_id, walk.a, htmx=htmx)
                    nowhere = walk.go(outsider, visit, UNKNOWN_GUILD, walk.a, htmx=htmx)
                    assert theirs.status_code == 404, f"{NAMES[outsider]}, {visit}: {_told(theirs)}"
                    same_answer(theirs, nowhere)


@ON_SQLITE_ALONE
def test_no_other_method_tells_strangers_more(walk: Walk) -> None:
    """T01"""
    walk.as_(CHARLIE)
    with nothing_changes(walk.app, "Charlie"):
        for visit in walk.everything():
            for method in METHODS:
                theirs = walk.go(CHARLIE, visit, walk.a.guild_id, walk.a, method=method)
                nowhere = walk.go(CHARLIE, visit, UNKNOWN_GUILD, walk.a, method=method)
                assert theirs.status_code in (404, 405) or method == "OPTIONS", f"{method} {visit}: {_told(theirs)}"
                same_answer(theirs, nowhere)


def test_who_is_not_signed_in_is_led_to_the_door(walk: Walk) -> None:
    """302 to the sign-in and back for a page, 401 for a script."""
    with nothing_changes(walk.app, "nobody"):
        for visit in walk.everything():
            script = walk.go(NOBODY, visit, walk.a.guild_id, walk.a, htmx=True)
            assert script.status_code == 401, f"{visit}: {_told(script)}"
            same_answer(script, walk.go(NOBODY, visit, UNKNOWN_GUILD, walk.a, htmx=True))
            page = walk.go(NOBODY, visit, walk.a.guild_id, walk.a)
            if visit.reads_json:
                assert page.status_code == 401 and page.is_json, f"{visit}: {_told(page)}"
                continue
            assert page.status_code == 302, f"{visit}: {_told(page)}"
            door = urlsplit(page.headers["Location"])
            back = urlsplit(parse_qs(door.query).get("next", [""])[0])
            assert (door.netloc, door.path, back.netloc) == ("", "/login", ""), str(visit)
            assert back.path == (walk.address(visit, walk.a.guild_id, walk.a) if visit.method == "GET" else "")


def test_lower_roles_are_refused_and_change_nothing(walk: Walk) -> None:
    """T02"""
    for person, role in INSIDERS.items():
        walk.as_(person)
        with nothing_changes(walk.app, NAMES[person]):
            for visit in walk.everything():
                if role >= visit.lowest:
                    continue
                for htmx in (False, True):
                    answer = walk.go(person, visit, walk.a.guild_id, walk.a, htmx=htmx)
                    assert answer.status_code == 403, f"{NAMES[person]}, {visit}: {_told(answer)}"


def test_the_way_to_the_bot_takes_no_method_that_no_route_has(walk: Walk) -> None:
    """T06"""
    walk.as_(ALICE)
    with nothing_changes(walk.app, "Alice"):
        for visit in walk.everything():
            if visit.endpoint != "bot_proxy.forwarded":
                continue
            for method in ("PUT", "PATCH", "DELETE"):
                assert walk.go(ALICE, visit, walk.a.guild_id, walk.a, method=method).status_code == 405, str(visit)


def test_some_routes_are_above_each_role_but_the_owners() -> None:
    for role in (Role.VIEWER, Role.MODERATOR, Role.ADMIN):
        assert any(visit.lowest > role for visit in COMMUNITY), f"the walk says nothing of {role.slug}"


def test_an_owner_reaches_nothing_of_another_community_from_within_their_own(walk: Walk) -> None:
    """T04: Alice, in A, names things of B: in the path, the query, the form and the JSON."""
    for visit in walk.everything():
        names_things = not visit.about_anybody and _differs(visit, walk)
        with nothing_changes(walk.app, str(visit)) if names_things else nothing_changes_in_b(walk):
            answer = walk.go(ALICE, visit, walk.a.guild_id, walk.b)
        _carries_nothing_of_b(answer)
        if names_things and visit.values(walk.a):
            assert answer.status_code == 404, f"{visit}: {_told(answer)}"
        elif names_things and visit.method == "POST":
            assert answer.status_code in (404, 422), f"{visit}: {_told(answer)}"


def _differs(visit: Visit, walk: Walk) -> bool:
    """True where the visit names things of its community besides the community itself."""
    parts = (visit.values, visit.query, *((visit.form,) if visit.form else ()))
    return any(part(walk.a) != part(walk.b) for part in parts)


@contextmanager
def nothing_changes_in_b(walk: Walk) -> Iterator[None]:
    """Fail where the block changes a row of B."""
    before = checksums(walk.app, tenant_id=walk.b.tenant_id)
    yield
    assert checksums(walk.app, tenant_id=walk.b.tenant_id) == before


def _carries_nothing_of_b(answer: TestResponse) -> None:
    assert MARK.encode() not in answer.data, "the answer carries text of another community"
    assert MARK not in str(answer.headers), "a header carries text of another community"


def _told(answer: TestResponse) -> str:
    return f"answered {answer.status_code} {answer.headers.get('Location', '')}"
