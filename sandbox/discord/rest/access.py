"""Who may do what: the checks that Discord makes before it obeys."""

from sandbox.discord import permissions
from sandbox.discord.errors import Code, DiscordError
from sandbox.discord.models import Channel, ChannelType, Guild, Member, Message, Role, User
from sandbox.discord.rest.routing import Call


def guild_of(call: Call, needed: int = 0) -> tuple[Guild, Member]:
    """The guild in the path and the caller's membership, with some permissions."""
    guild = call.world.guilds.get(call.params["guild_id"])
    if guild is None:
        raise DiscordError(Code.UNKNOWN_GUILD)
    membership = guild.members.get(call.actor.id)
    if membership is None:
        raise DiscordError(Code.MISSING_ACCESS)
    demand(guild_bits(call, guild, membership), needed)
    return guild, membership


def channel_of(call: Call, needed: int = 0, channel_id: int | None = None) -> Channel:
    """The channel in the path, which the caller sees and has some permissions in."""
    channel = call.world.channels.get(channel_id or call.params["channel_id"])
    if channel is None:
        raise DiscordError(Code.UNKNOWN_CHANNEL)
    if channel.type == ChannelType.DM:
        if call.actor.id not in {one.id for one in channel.recipients}:
            raise DiscordError(Code.MISSING_ACCESS)
        return channel
    bits = channel_bits(call, channel)
    if not bits & permissions.VIEW_CHANNEL:
        raise DiscordError(Code.MISSING_ACCESS)
    demand(bits, needed)
    return channel


def channel_bits(call: Call, channel: Channel) -> int:
    """What the caller may do in a guild's channel; nothing for strangers."""
    guild = call.world.guilds[channel.guild_id or 0]
    membership = guild.members.get(call.actor.id)
    if membership is None:
        return 0
    bits = permissions.channel_permissions(guild, membership, channel)
    return _while_timed_out(call, membership, bits)


def guild_bits(call: Call, guild: Guild, membership: Member) -> int:
    """What a member may do in a guild now."""
    return _while_timed_out(call, membership, permissions.guild_permissions(guild, membership))


def demand(bits: int, needed: int) -> None:
    """Raises 50013 unless all needed bits are there."""
    if bits & needed != needed:
        raise DiscordError(Code.MISSING_PERMISSIONS)


def message_of(call: Call, channel: Channel) -> Message:
    """The message in the path."""
    message = channel.messages.get(call.params["message_id"])
    if message is None:
        raise DiscordError(Code.UNKNOWN_MESSAGE)
    return message


def member_of(guild: Guild, user_id: int) -> Member:
    """A member by id."""
    membership = guild.members.get(user_id)
    if membership is None:
        raise DiscordError(Code.UNKNOWN_MEMBER)
    return membership


def user_of(call: Call, user_id: int) -> User:
    """Any user by id."""
    user = call.world.users.get(user_id)
    if user is None:
        raise DiscordError(Code.UNKNOWN_USER)
    return user


def role_of(guild: Guild, role_id: int) -> Role:
    """A role by id."""
    role = guild.roles.get(role_id)
    if role is None:
        raise DiscordError(Code.UNKNOWN_ROLE)
    return role


def must_outrank(guild: Guild, actor: Member, target: Member) -> None:
    """Raises 50013 unless the actor stands above the target."""
    if not permissions.outranks(guild, actor, target):
        raise DiscordError(Code.MISSING_PERMISSIONS)


def must_outrank_role(guild: Guild, actor: Member, role: Role) -> None:
    """Raises 50013 unless the actor's highest role is above a role."""
    if actor.user.id != guild.owner_id and permissions.top_position(guild, actor) <= (role.position, -role.id):
        raise DiscordError(Code.MISSING_PERMISSIONS)


def must_hold(call: Call, guild: Guild, actor: Member, granted: int) -> None:
    """Raises 50013 if the actor would grant permissions that they lack themselves."""
    if granted & ~guild_bits(call, guild, actor):
        raise DiscordError(Code.MISSING_PERMISSIONS)


def _while_timed_out(call: Call, membership: Member, bits: int) -> int:
    until = membership.timed_out_until
    if until is None or until <= call.world.clock.now() or bits & permissions.ADMINISTRATOR:
        return bits
    return bits & permissions.WHILE_TIMED_OUT
