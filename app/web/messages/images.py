"""`/img/<signature>/<address>`: no page loads anything from a foreign host."""

from __future__ import annotations

import hashlib

from flask import Response, make_response, request, url_for
from flask_babel import gettext as _

from app.domain.errors import DomainError, Gone
from app.domain.files.queries import is_withdrawn_from
from app.domain.messages import images
from app.domain.messages.pictures import Picture
from app.web.accounts.cookies import visitor
from app.web.guards import GuardedBlueprint, RouteClass, open_to_all

blueprint = GuardedBlueprint("images", __name__, guard=RouteClass.IMAGE)

KEPT_SECONDS = 24 * 3600


@blueprint.get("/img/<string(maxlength=256):signature>/<string(maxlength=4096):address>")
@open_to_all
def show(signature: str, address: str) -> Response:
    """A picture of another host, for whom its address was signed. Never answers HTML, whatever goes wrong."""
    who = visitor()
    viewer_id = who.user_id if who else None
    try:
        picture = images.signed_picture(signature, address, viewer_id)
    except DomainError as error:
        return _refused(error)
    if is_withdrawn_from(viewer_id, hashlib.sha256(picture.body).hexdigest()):
        return _refused(Gone(_("This file was withdrawn."), code="quarantined"))
    response = _shown(picture)
    response.set_etag(hashlib.blake2s(picture.body, digest_size=16).hexdigest())
    response.headers["Cache-Control"] = f"private, max-age={KEPT_SECONDS}"
    response.vary.add("Cookie")  # another person at the same browser starts anew
    response.make_conditional(request)
    return response


def signed_address(url: str, viewer_id: int) -> str:
    """Where this viewer sees the picture at `url`."""
    signature, address = images.sign_picture(url, viewer_id)
    return url_for("images.show", signature=signature, address=address)


def _shown(picture: Picture) -> Response:
    response = make_response(picture.body)
    response.content_type = picture.content_type
    response.headers["Content-Disposition"] = "inline"
    response.headers["Cross-Origin-Resource-Policy"] = "same-origin"
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _refused(error: DomainError) -> Response:
    response = make_response(error.code, error.status)
    response.content_type = "text/plain; charset=utf-8"
    response.headers["Cache-Control"] = "no-store"
    return response
