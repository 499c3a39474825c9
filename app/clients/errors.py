"""How every client reports an outsider's failure. The domain turns these into its own errors at the edge."""

from __future__ import annotations


class ClientError(Exception):
    """Base. `code` is stable and machine-readable; it names who refused and why."""

    def __init__(self, code: str, detail: str = "") -> None:
        super().__init__(f"{code}: {detail}" if detail else code)
        self.code = code
        self.detail = detail


class Refused(ClientError):
    """The outsider said no for good; retrying changes nothing."""


class Unavailable(ClientError):
    """Unreachable, too slow, or asking to wait; may be retried after `retry_after` seconds."""

    def __init__(self, code: str, detail: str = "", *, retry_after: float | None = None) -> None:
        super().__init__(code, detail)
        self.retry_after = retry_after
