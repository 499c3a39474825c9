"""Whether the database answers."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.exc import SQLAlchemyError

from app.db.transaction import refuse_inside_transaction
from app.extensions import db


def database_answers() -> bool:
    """Ask it for the number one; leaves no connection held."""
    refuse_inside_transaction("asking whether the database answers")
    try:
        db.session.execute(select(1))
    except SQLAlchemyError:
        return False
    finally:
        db.session.rollback()
    return True
