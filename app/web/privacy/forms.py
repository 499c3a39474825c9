"""What the privacy forms carry, as typed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from app.domain.privacy.service import ChangeRetention
from app.domain.tenants.retention import EVERYWHERE, Kept, Policy
from app.web.privacy.words import KEEP, SAME

NOT_A_CHOICE = -1


@dataclass(frozen=True)
class RetentionForm:
    """A word for each kind of thing that is kept: days, `keep`, or `same`."""

    channel_id: int
    words: Mapping[Kept, str]

    @classmethod
    def read(cls, form: Mapping[str, str]) -> RetentionForm:
        words = {kept: form[kept.value].strip() for kept in Kept if kept.value in form}
        return cls(number(form.get("channel_id", "")) or EVERYWHERE, words)

    def changes(self, policy: Policy) -> list[ChangeRetention]:
        """Those that differ from what is in force."""
        found = []
        for kept, word in self.words.items():
            target = (self.channel_id, kept)
            has_rule = target in policy.rules
            days = None if word in (KEEP, SAME) else number(word) or NOT_A_CHOICE
            is_same = not has_rule if word == SAME else has_rule and policy.rules[target] == days
            if not is_same:
                found.append(ChangeRetention(self.channel_id, kept, days, removes_rule=word == SAME))
        return found

    def fields(self) -> list[tuple[str, str]]:
        """As hidden fields, to be sent again once confirmed."""
        return [("channel_id", str(self.channel_id)), *((kept.value, word) for kept, word in self.words.items())]


def number(word: str) -> int:
    """The id or number typed; 0 for anything else."""
    word = word.strip()
    return int(word) if word.isascii() and word.isdigit() and len(word) <= 19 and int(word) < 2**63 else 0
