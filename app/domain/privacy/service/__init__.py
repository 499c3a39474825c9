"""What changes what is kept about people."""

from app.domain.privacy.service.accounts import order_everywhere, run_account_erasures
from app.domain.privacy.service.erasing import order_erasure, order_erasure_as_operator, run_erasures
from app.domain.privacy.service.exporting import ask_for_copy, open_copy, run_personal_exports
from app.domain.privacy.service.noticing import post_notice, run_notices
from app.domain.privacy.service.requests import (
    AnswerRequest,
    AskErasure,
    answer_request,
    ask_erasure,
    withdraw_request,
)
from app.domain.privacy.service.running import PRIVACY, run_due_work
from app.domain.privacy.service.settings import (
    ChangeRetention,
    Exclude,
    change_retention,
    delete_kept,
    exclude,
    include,
    undo_shortening,
)
from app.domain.privacy.service.sweeping import RETENTION, sweep_retention

__all__ = [
    "PRIVACY",
    "RETENTION",
    "AnswerRequest",
    "AskErasure",
    "ChangeRetention",
    "Exclude",
    "answer_request",
    "ask_erasure",
    "ask_for_copy",
    "change_retention",
    "delete_kept",
    "exclude",
    "include",
    "open_copy",
    "order_erasure",
    "order_erasure_as_operator",
    "order_everywhere",
    "post_notice",
    "run_account_erasures",
    "run_due_work",
    "run_erasures",
    "run_notices",
    "run_personal_exports",
    "sweep_retention",
    "undo_shortening",
    "withdraw_request",
]
