"""What can go wrong in the domain. One handler turns these into pages, toasts and JSON."""

from __future__ import annotations

from collections.abc import Mapping


class DomainError(Exception):
    """Base. `code` is for machines, `message` (already translated) for people, `fields` names what was typed wrongly."""

    status = 400
    code = "invalid"

    def __init__(self, message: str, *, code: str | None = None, fields: Mapping[str, str] | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or self.code
        self.fields = dict(fields or {})


class Invalid(DomainError):
    """The input cannot be accepted; `fields` says what is wrong with each field."""

    status = 422
    code = "invalid"


class Forbidden(DomainError):
    """A member of the tenant without the right. `code` names the rule that refused."""

    status = 403
    code = "forbidden"


class NotFound(DomainError):
    """Missing, another tenant's, or hidden from this reader: all the same."""

    status = 404
    code = "not_found"


class Conflict(DomainError):
    """The state does not allow it (any more)."""

    status = 409
    code = "conflict"


class Gone(DomainError):
    """It existed and has been used up or has expired."""

    status = 410
    code = "gone"


class Refused(DomainError):
    """An outsider said no for good. Retrying changes nothing."""

    status = 409
    code = "refused"


class Unavailable(DomainError):
    """An outsider cannot be reached or asks to wait; may be retried after `retry_after` seconds."""

    status = 503
    code = "unavailable"

    def __init__(self, message: str, *, code: str | None = None, retry_after: float | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
