"""Fills a world from the communities that a scenario describes."""

from sandbox.discord import audit_actions
from sandbox.discord.changes.messages import Draft
from sandbox.discord.models import (
    Attachment,
    Ban,
    Channel,
    ChannelType,
    Guild,
    Member,
    Message,
    Overwrite,
    Revision,
    Role,
    User,
)
from sandbox.discord.world import World
from sandbox.scenario import model


def load_community(world: World, community: model.Community) -> Guild:
    """Adds a guild with its whole past. Emits nothing: it has all happened already."""
    guild = Guild(
        community.guild_id,
        community.name,
        community.owner_id,
        icon_hue=community.guild_id * 137 % 360,
        description=community.description or None,
        bot_role_position=community.bot_role_position,
    )
    world.guilds[guild.id] = guild
    for role in community.roles:
        guild.roles[role.id] = Role(role.id, role.name, role.permissions, role.position, role.color, role.hoist)
    for member in community.members:
        load_member(world, guild, member)
    for channel in community.channels:
        _load_channel(world, guild, channel)
    for thread in community.threads:
        _load_thread(world, guild, thread)
    for message in community.messages:
        load_message(world, message)
    _load_memberships(world, guild, community)
    return guild


def load_user(world: World, member: model.Member | model.Person) -> User:
    """The user of a scenario's member, made once."""
    user = world.users.get(member.id)
    if user is None:
        shown = member.display_name if isinstance(member, model.Person) else member.global_name
        is_bot = isinstance(member, model.Member) and member.is_bot
        user = User(member.id, member.username, shown, is_bot, member.avatar_hue)
        user.discriminator = "0000" if is_bot else "0"
        world.users[user.id] = user
    return user


def load_member(world: World, guild: Guild, member: model.Member) -> Member:
    """One membership, present or past."""
    user = load_user(world, member)
    membership = Member(guild.id, user, member.joined_at, list(member.role_ids), member.nick, left_at=member.left_at)
    (guild.members if member.left_at is None else guild.former_members)[user.id] = membership
    return membership


def load_message(world: World, message: model.Message) -> Message:
    """One message with its edits, reactions, pin and end."""
    channel = world.channels[message.channel_id]
    draft = Draft(message.content, [embed_of(one) for one in message.embeds], type=message.type)
    draft.attachments = [attachment_of(one) for one in message.attachments]
    if message.reply_to is not None:
        draft.reply_to = _find(channel, message.reply_to)
    loaded = world.create_message(
        channel.id, message.author_id, draft, message_id=message.id, at=message.at, is_silent=True
    )
    for edit in message.edits:
        loaded.revisions.append(Revision(loaded.edited_at or loaded.timestamp, loaded.content, loaded.embeds))
        loaded.content, loaded.edited_at = edit.content, edit.at
    loaded.reactions = {one.emoji: list(one.user_ids) for one in message.reactions}
    if message.is_pinned:
        loaded.pinned_at = channel.last_pin_at = message.at
    if channel.is_thread and message.author_id in world.users:
        channel.thread_members.setdefault(message.author_id, message.at)
    if message.deleted_at is not None:
        channel.messages.remove(loaded, message.deleted_at)
        if message.deleted_by not in (None, message.author_id) and channel.guild_id is not None:
            options = {"channel_id": str(channel.id), "count": "1"}
            world.remember_record(
                world.guilds[channel.guild_id],
                message.deleted_at,
                audit_actions.MESSAGE_DELETE,
                message.deleted_by,
                message.author_id,
                options=options,
            )
    return loaded


def attachment_of(item: model.Attachment) -> Attachment:
    """A scenario's file as an attachment."""
    return Attachment(
        item.id, item.filename, item.content_type, item.content, item.width, item.height, item.description
    )


def embed_of(embed: model.Embed) -> dict[str, object]:
    """A scenario's embed, with the type that Discord adds."""
    return {"type": "rich", **embed}


def _load_channel(world: World, guild: Guild, channel: model.Channel) -> None:
    overwrites = {
        one.target_id: Overwrite(one.target_id, one.is_role, one.allow, one.deny) for one in channel.overwrites
    }
    loaded = Channel(channel.id, guild.id, channel.type, channel.name, channel.position, channel.parent_id)
    loaded.topic, loaded.nsfw, loaded.overwrites = channel.topic, channel.nsfw, overwrites
    guild.channels[channel.id] = world.channels[channel.id] = loaded


def _load_thread(world: World, guild: Guild, thread: model.Thread) -> None:
    parent = guild.channels[thread.parent_id]
    is_news = parent.type == ChannelType.ANNOUNCEMENT
    loaded = world.create_thread(
        parent,
        thread.owner_id,
        thread.name,
        kind=ChannelType.ANNOUNCEMENT_THREAD if is_news else ChannelType.PUBLIC_THREAD,
        thread_id=thread.id,
        at=thread.created_at,
        is_silent=True,
    )
    loaded.is_archived = thread.archived


def _load_memberships(world: World, guild: Guild, community: model.Community) -> None:
    for thread in community.threads:
        starter = _find(guild.channels[thread.parent_id], thread.starter_message_id or 0)
        if starter is not None:
            starter.thread_id = thread.id
            starter.flags |= 1 << 5
    for event in community.joins_and_leaves:
        world.remember_membership(guild, event.at, event.member_id, event.change.value, event.by, event.reason)
        user = world.users.get(event.member_id)
        if event.change == model.MembershipChange.BAN and user is not None:
            guild.bans[user.id] = Ban(user, event.reason)


def _find(channel: Channel, message_id: int) -> Message | None:
    found = channel.messages.get(message_id)
    if found is not None:
        return found
    return next((one for one in channel.messages.deleted if one.id == message_id), None)
