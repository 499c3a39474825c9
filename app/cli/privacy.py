"""`flask privacy …`: what only the operator does with data about people (docs/privacy.md)."""

from __future__ import annotations

import json
import time
from pathlib import Path

import click
from flask import current_app

from app.domain.access import SystemActor
from app.domain.errors import DomainError
from app.domain.privacy import queries, receipts
from app.domain.privacy.receipts import Receipt
from app.domain.privacy.service import order_erasure_as_operator, order_everywhere, run_account_erasures, run_erasures
from app.domain.tenants.queries import tenant_of_guild

OPERATOR = SystemActor("operator")


@click.group("privacy")
def privacy() -> None:
    """Data about people."""


@privacy.command("erase")
@click.option("--user", "user_id", type=int, required=True, help="The person's Discord id.")
@click.option("--tenant", "guild_id", type=int, help="The community, by the id of its server on Discord.")
@click.option("--all", "everywhere", is_flag=True, help="Every community, and the account itself.")
def erase(user_id: int, guild_id: int | None, everywhere: bool) -> None:
    """Erase one person from one community, or from all. Killed in the middle, it goes on when it is run again.

    Prints the signed receipts: keep what the person is to be given.
    """
    if (guild_id is None) == (not everywhere):
        raise click.UsageError("Say either --tenant or --all.")
    if not current_app.config["SETTINGS"].secret_keys:
        raise click.ClickException("SECRET_KEYS: is missing; receipts are signed with its first key.")
    try:
        erasure_ids, account_id = _ordered(user_id, guild_id)
    except DomainError as error:
        raise click.ClickException(error.message) from error
    while queries.are_under_way(erasure_ids, account_id):
        if not run_erasures(OPERATOR) + run_account_erasures(OPERATOR):
            time.sleep(0.2)
    made = queries.receipts_of(erasure_ids, account_id)
    for receipt in made:
        click.echo(json.dumps({"receipt": receipt.text, "signature": receipt.signature}, ensure_ascii=False))
    if not made:
        raise click.ClickException("It stopped three times at the same place. Nothing is lost: run this again.")


def _ordered(user_id: int, guild_id: int | None) -> tuple[list[int], int | None]:
    if guild_id is None:
        account, erasures = order_everywhere(OPERATOR, user_id)
        return [one.id for one in erasures], account.id
    tenant = tenant_of_guild(guild_id)
    if tenant is None:
        raise click.ClickException(f"No community is known by the server {guild_id}.")
    return [order_erasure_as_operator(OPERATOR, tenant.id, user_id).id], None


@privacy.command("verify")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--user", "user_id", type=int, help="Also say whether it is this person's.")
def verify(file: Path, user_id: int | None) -> None:
    """Say whether a receipt was signed here, as it is in the file. Exit 1 where it was not."""
    try:
        told = json.loads(file.read_text())
        receipt = Receipt(str(told["receipt"]), str(told["signature"]))
        is_theirs = user_id is None or receipts.is_about(receipt, user_id)
    except (ValueError, KeyError, TypeError) as error:
        raise click.ClickException("This is no receipt.") from error
    if not receipts.is_genuine(receipt):
        raise click.ClickException("Not genuine: it was changed, or signed with a key that is not here.")
    if not is_theirs:
        raise click.ClickException("Genuine, but about somebody else.")
    click.echo("genuine")
