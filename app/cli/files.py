"""`flask files …`: what only the operator does with attached files (docs/privacy.md)."""

from __future__ import annotations

import getpass

import click

from app.domain.errors import DomainError
from app.domain.files import queries, service

BY = click.option(
    "--by", default=None, help="Who asks for it; the name that you are signed in under where it is left out."
)


@click.group("files")
def files() -> None:
    """Attached files."""


@files.command("quarantine")
@click.argument("sha256")
@click.option("--reason", required=True, help="Why; kept with your name, and in the activity log of each community.")
@click.option("--destroy", is_flag=True, help="Delete its bytes at once instead of locking them away.")
@BY
def quarantine(sha256: str, reason: str, destroy: bool, by: str | None) -> None:
    """Withdraw a file from every community: unreadable at once, never kept again."""
    try:
        withdrawn = service.bar_file(service.FILES, sha256, reason=reason, by=by or getpass.getuser(), destroy=destroy)
    except DomainError as error:
        raise click.ClickException(_told(error)) from error
    click.echo(f"withdrawn: {withdrawn} attachments{', its bytes are destroyed' if destroy else ''}")


@files.command("release")
@click.argument("sha256")
@BY
def release(sha256: str, by: str | None) -> None:
    """Take the operator's quarantine of a file back."""
    try:
        was_there = service.unbar_file(service.FILES, sha256, by=by or getpass.getuser())
    except DomainError as error:
        raise click.ClickException(_told(error)) from error
    if not was_there:
        raise click.ClickException("This file is not quarantined by the operator.")
    click.echo("released")


@files.command("quarantined")
def quarantined() -> None:
    """List what the operator has withdrawn."""
    for one in queries.barred_files():
        click.echo(f"{one.sha256}  {one.barred_at:%Y-%m-%d %H:%M}  {one.barred_by}  {one.reason}")


def _told(error: DomainError) -> str:
    return " ".join([error.message, *error.fields.values()])
