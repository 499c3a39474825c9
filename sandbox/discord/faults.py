"""What goes wrong on demand: refusals, slowness, answers that never arrive."""

import re
from dataclasses import dataclass, field


@dataclass(slots=True)
class Fault:
    """Strikes the next `count` requests of a route (`POST /channels/*/messages`; `*` is one segment or any method).

    Waits `delay` seconds, then answers `status` (0 cuts the connection; None answers as usual). With
    `when="after"` the request is carried out first and only its answer is lost. `scope` is a 429's.
    """

    route: str
    status: int | None = None
    count: int = 1
    delay: float = 0.0
    scope: str = "user"
    retry_after: float = 1.0
    when: str = "before"
    code: int = 0
    message: str = ""

    def strikes(self, method: str, path: str) -> bool:
        """Whether it is meant for this request."""
        wanted_method, _, wanted_path = self.route.rpartition(" ")
        if wanted_method not in ("", "*", method):
            return False
        pattern = "/".join(
            "[^/]+" if part == "*" else ".*" if part == "**" else re.escape(part) for part in wanted_path.split("/")
        )
        return re.fullmatch(pattern, path) is not None


@dataclass
class Faults:
    """The faults that are still to happen, in the order in which they were asked for."""

    pending: list[Fault] = field(default_factory=list)

    def take(self, method: str, path: str) -> Fault | None:
        """The fault that strikes this request, counted down."""
        for fault in self.pending:
            if fault.strikes(method, path):
                fault.count -= 1
                if fault.count <= 0:
                    self.pending.remove(fault)
                return fault
        return None
