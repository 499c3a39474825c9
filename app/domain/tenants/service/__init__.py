"""What changes a tenant: install, the bot's reports, set-up, and the owner's first choices."""

from app.domain.tenants.service.install import Installed, InstallGuild, install
from app.domain.tenants.service.membership import MEMBERSHIP, report_membership
from app.domain.tenants.service.set_up import (
    SET_UP,
    ChooseArchive,
    ConfirmChannels,
    choose_archive,
    confirm_channels,
    retry_setup,
    run_setup_steps,
)

__all__ = [
    "MEMBERSHIP",
    "SET_UP",
    "ChooseArchive",
    "ConfirmChannels",
    "InstallGuild",
    "Installed",
    "choose_archive",
    "confirm_channels",
    "install",
    "report_membership",
    "retry_setup",
    "run_setup_steps",
]
