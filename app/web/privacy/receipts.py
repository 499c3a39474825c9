"""The receipt of an erasure as a file."""

from __future__ import annotations

import json

from flask import Response, make_response

from app.domain.privacy.models import Erasure


def receipt_file(erasure: Erasure) -> Response:
    """The receipt byte for byte as it was signed, with its signature beside it."""
    body = json.dumps({"receipt": erasure.receipt, "signature": erasure.signature}, ensure_ascii=False, indent=2)
    response = make_response(body)
    response.headers["Content-Type"] = "application/json; charset=utf-8"
    response.headers["Content-Disposition"] = f'attachment; filename="erasure-receipt-{erasure.id}.json"'
    response.headers["Cache-Control"] = "no-store"
    return response
