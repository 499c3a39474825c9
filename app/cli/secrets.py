"""`flask secrets …`: keys of what is encrypted at rest."""

from __future__ import annotations

import click

from app.db.encrypted import KeyMissing
from app.db.rotating import rotate_secrets


@click.group("secrets")
def secrets() -> None:
    """Secrets at rest: OAuth tokens and Discord's webhook tokens."""


@secrets.command("rotate")
def rotate() -> None:
    """Encrypt everything again under the first key of each purpose in ENCRYPTION_KEYS.

    Put the new key first and leave the old one behind it, restart every process, run this once with the keys of every
    purpose, then take the old key away.
    """
    try:
        for one in rotate_secrets():
            if one.is_ours:
                click.echo(f"{one.table}.{one.column}: {one.encrypted_again} encrypted again")
            else:
                click.echo(f"{one.table}.{one.column}: left, ENCRYPTION_KEYS has no key for the purpose {one.purpose}")
    except KeyMissing as error:
        raise click.ClickException(
            f"Something is encrypted under a key that ENCRYPTION_KEYS does not have (purpose {error}). Nothing is lost: "
            "add that key behind the others and run this again."
        ) from error
