"""Communities: which there are for me, connecting one, its first choices, its overview."""

from __future__ import annotations

from flask import Response, make_response, render_template, request, url_for
from flask_babel import gettext as _

from app.domain.access import Permission, role_name
from app.domain.accounts.guilds import Answered, may_manage, my_guilds
from app.domain.errors import Invalid
from app.domain.staff.queries import standing_of
from app.domain.tenants import service
from app.domain.tenants.models import Tenant, TenantState
from app.domain.tenants.permissions import ASKED
from app.domain.tenants.queries import (
    ChannelChoices,
    bot_settings,
    channel_choices,
    communities_of,
    setup_progress,
    tenant_of_guild,
    tenants_of_guilds,
)
from app.domain.tenants.rights import bot_id_in
from app.domain.tenants.service import ChooseArchive, ConfirmChannels
from app.web.coverage.page import arriving
from app.web.guards import GuardedBlueprint, RouteClass, needs, needs_sign_in
from app.web.htmx import go_to, is_htmx, partial
from app.web.moderation import words
from app.web.tenant_guard import actor, no_such_page, signed_in, tenant
from app.web.tenants import overview_page, set_up_page
from app.web.tenants.forms import ArchiveForm, ChannelsForm

blueprint = GuardedBlueprint("tenants", __name__, guard=RouteClass.PAGE, url_prefix="/servers")


@blueprint.get("")
@needs_sign_in
def servers() -> str:
    """The communities that I may open, and the servers that I may connect."""
    who = signed_in()
    mine = my_guilds(who.user_id)
    communities = communities_of(who.user_id, [guild.id for guild in mine.guilds])
    opened = {one.tenant.guild_id for one in communities}
    others = sorted(
        (guild for guild in mine.manageable() if guild.id not in opened), key=lambda g: (g.name.casefold(), g.id)
    )
    taken = frozenset(guild_id for guild_id in tenants_of_guilds(guild.id for guild in others))
    return render_template(
        "tenants/servers.html",
        communities=communities,
        others=others,
        taken=taken,
        answered=mine.answered,
        Answered=Answered,
        role_name=role_name,
        TenantState=TenantState,
    )


@blueprint.get("/<snowflake:guild_id>/install")
@needs_sign_in
def install(guild_id: int) -> str | Response:
    """What the bot will ask for and why, before Discord asks."""
    who = signed_in()
    mine = my_guilds(who.user_id)
    guild = mine.one(guild_id)
    existing = tenant_of_guild(guild_id)
    if existing is not None and existing.state != TenantState.DETACHED and _works_in(existing, who.user_id):
        return go_to(url_for(".overview", guild_id=guild_id))
    if guild is None or not may_manage(guild):
        if mine.answered is Answered.BEFORE:
            return make_response(render_template("tenants/discord_away.html"), 503)
        raise no_such_page()
    is_taken = existing is not None and existing.owner_id != who.user_id
    return render_template("tenants/install.html", guild=guild, asked=ASKED, is_taken=is_taken, existing=existing)


def _works_in(tenant: Tenant, user_id: int) -> bool:
    return standing_of(tenant.id, user_id) is not None


@blueprint.get("/<snowflake:guild_id>")
@needs(Permission.VIEW_PANEL)
def overview(guild_id: int) -> str:
    """What is broken and how to mend it, then how the community does."""
    return render_template(
        "tenants/overview.html", page=overview_page.read(tenant(), actor()), tenant=tenant(), words=words
    )


@blueprint.get("/<snowflake:guild_id>/set-up")
@needs(Permission.SET_UP)
def set_up(guild_id: int) -> str:
    """The steps of an install as they finish, and the owner's first choices."""
    settings = bot_settings()
    return _set_up_page(ArchiveForm.of(settings), ChannelsForm.of(settings))


@blueprint.get("/<snowflake:guild_id>/set-up/steps")
@needs(Permission.SET_UP)
def set_up_steps(guild_id: int) -> str:
    """The steps alone. What is finished asks no more."""
    progress = setup_progress()
    return render_template(
        "tenants/_steps.html",
        progress=progress,
        steps=set_up_page.describe(progress),
        tenant=tenant(),
        channels=_channels(),
        channels_form=ChannelsForm.of(bot_settings()),
        errors={},
        is_partial=True,
    )


@blueprint.post("/<snowflake:guild_id>/set-up/archive")
@needs(Permission.SET_UP)
def set_up_archive(guild_id: int) -> Response:
    """Choose what is kept and for how long."""
    form = ArchiveForm.read(request.form)
    try:
        service.choose_archive(actor(), ChooseArchive(form.keeps_messages, form.purpose or None, form.retention_days))
    except Invalid as error:
        if is_htmx():
            return partial(
                "tenants/_archive.html", status=422, form=form, errors=error.fields, tenant=tenant(), is_chosen=False
            )
        return make_response(_set_up_page(form, ChannelsForm.of(bot_settings()), error.fields), 422)
    said = _("Messages are kept from now on.") if form.keeps_messages else _("No messages are kept.")
    return go_to(url_for(".set_up", guild_id=guild_id), toast=said)


@blueprint.post("/<snowflake:guild_id>/set-up/channels")
@needs(Permission.SET_UP)
def set_up_channels(guild_id: int) -> Response:
    """Confirm where the panel may post."""
    form = ChannelsForm.read(request.form)
    try:
        service.confirm_channels(actor(), ConfirmChannels(form.alerts_channel_id, form.publish_channel_id))
    except Invalid as error:
        if is_htmx():
            return partial(
                "tenants/_channels.html",
                status=422,
                channels=_channels(),
                channels_form=form,
                errors=error.fields,
                tenant=tenant(),
                is_confirmed=False,
            )
        return make_response(_set_up_page(ArchiveForm.of(bot_settings()), form, error.fields), 422)
    return go_to(url_for(".set_up", guild_id=guild_id), toast=_("The channels are confirmed."))


@blueprint.post("/<snowflake:guild_id>/set-up/retries")
@needs(Permission.SET_UP)
def set_up_retries(guild_id: int) -> Response:
    """Run what failed once more."""
    service.retry_setup(actor())
    return go_to(url_for(".set_up", guild_id=guild_id))


def _channels() -> ChannelChoices:
    bot_id = bot_id_in(tenant(), service.SET_UP)
    return channel_choices(tenant().guild_id, bot_id)


def _set_up_page(archive: ArchiveForm, channels: ChannelsForm, errors: dict[str, str] | None = None) -> str:
    progress, settings = setup_progress(), bot_settings()
    return render_template(
        "tenants/set_up.html",
        progress=progress,
        steps=set_up_page.describe(progress),
        tenant=tenant(),
        channels=_channels(),
        form=archive,
        channels_form=channels,
        errors=errors or {},
        is_chosen=settings.chosen_at is not None,
        is_confirmed=settings.channels_confirmed_at is not None,
        arriving=arriving(actor()),
    )
