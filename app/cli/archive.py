"""`flask archive …`: what the operator asks of the archive as a whole."""

from __future__ import annotations

import click

from app.domain.access import SystemActor
from app.domain.messages.statistics import size_of_archive


@click.group("archive")
def archive() -> None:
    """The archive of messages."""


@archive.command("stats")
def stats() -> None:
    """Rows and bytes of each table and each community, postings for each message, distinct words."""
    found = size_of_archive(SystemActor("archive-stats"))
    click.echo(f"{'table':<24}{'rows':>15}{'MiB':>12}{'bytes a row':>14}")
    for table in found.tables:
        each = "–" if table.size is None or not table.rows else f"{table.size / table.rows:.0f}"
        click.echo(f"{table.name:<24}{table.rows:>15,}{_mebibytes(table.size):>12}{each:>14}")
    click.echo()
    click.echo(f"{'community':<32}{'messages':>15}{'terms each':>12}{'words':>12}{'MiB, about':>13}")
    for one in found.tenants:
        name = f"{one.tenant_id} {one.name}"[:31]
        click.echo(
            f"{name:<32}{one.messages:>15,}{one.terms_a_message:>12.1f}{one.words:>12,}{_mebibytes(one.size):>13}"
        )


def _mebibytes(size: int | None) -> str:
    return "–" if size is None else f"{size / (1 << 20):,.1f}"
