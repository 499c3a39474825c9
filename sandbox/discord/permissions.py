"""Discord's permission bits, how they combine, and the role hierarchy."""

from sandbox.discord.models import Channel, ChannelType, Guild, Member

CREATE_INSTANT_INVITE = 1 << 0
KICK_MEMBERS = 1 << 1
BAN_MEMBERS = 1 << 2
ADMINISTRATOR = 1 << 3
MANAGE_CHANNELS = 1 << 4
MANAGE_GUILD = 1 << 5
ADD_REACTIONS = 1 << 6
VIEW_AUDIT_LOG = 1 << 7
VIEW_CHANNEL = 1 << 10
SEND_MESSAGES = 1 << 11
MANAGE_MESSAGES = 1 << 13
EMBED_LINKS = 1 << 14
ATTACH_FILES = 1 << 15
READ_MESSAGE_HISTORY = 1 << 16
MENTION_EVERYONE = 1 << 17
USE_EXTERNAL_EMOJIS = 1 << 18
CONNECT = 1 << 20
SPEAK = 1 << 21
CHANGE_NICKNAME = 1 << 26
MANAGE_NICKNAMES = 1 << 27
MANAGE_ROLES = 1 << 28
MANAGE_WEBHOOKS = 1 << 29
USE_APPLICATION_COMMANDS = 1 << 31
MANAGE_THREADS = 1 << 34
CREATE_PUBLIC_THREADS = 1 << 35
CREATE_PRIVATE_THREADS = 1 << 36
SEND_MESSAGES_IN_THREADS = 1 << 38
MODERATE_MEMBERS = 1 << 40
SEND_POLLS = 1 << 49
PIN_MESSAGES = 1 << 51
BYPASS_SLOWMODE = 1 << 52

ALL = (1 << 53) - 1
EVERYONE_DEFAULT = (
    CREATE_INSTANT_INVITE
    | ADD_REACTIONS
    | VIEW_CHANNEL
    | SEND_MESSAGES
    | EMBED_LINKS
    | ATTACH_FILES
    | READ_MESSAGE_HISTORY
    | USE_EXTERNAL_EMOJIS
    | CONNECT
    | SPEAK
    | CHANGE_NICKNAME
    | USE_APPLICATION_COMMANDS
    | CREATE_PUBLIC_THREADS
    | SEND_MESSAGES_IN_THREADS
    | SEND_POLLS
)
WHILE_TIMED_OUT = VIEW_CHANNEL | READ_MESSAGE_HISTORY


def guild_permissions(guild: Guild, member: Member) -> int:
    """What a member may do in the guild, before any channel's overwrites; timeouts aside."""
    if member.user.id == guild.owner_id:
        return ALL
    everyone = guild.roles.get(guild.id)
    bits = everyone.permissions if everyone else 0
    for role_id in member.role_ids:
        role = guild.roles.get(role_id)
        if role is not None:
            bits |= role.permissions
    return ALL if bits & ADMINISTRATOR else bits


def channel_permissions(guild: Guild, member: Member, channel: Channel) -> int:
    """What a member may do in a channel; a thread asks its parent (its own members decide for a private one)."""
    bits = guild_permissions(guild, member)
    if bits & ADMINISTRATOR:
        return bits
    if channel.is_thread:
        parent = guild.channels.get(channel.parent_id or 0)
        if parent is None:
            return 0
        bits = _overwritten(guild, member, parent, bits)
        is_private = channel.type == ChannelType.PRIVATE_THREAD
        if is_private and not bits & MANAGE_THREADS and member.user.id not in channel.thread_members:
            return 0
        sends = bits & SEND_MESSAGES_IN_THREADS
        bits = bits | SEND_MESSAGES if sends else bits & ~SEND_MESSAGES
    else:
        bits = _overwritten(guild, member, channel, bits)
    return bits if bits & VIEW_CHANNEL else 0


def can_view(guild: Guild, user_id: int, channel_id: int) -> bool:
    """Whether a member of the guild sees a channel or thread; strangers and unknown channels: no."""
    member = guild.members.get(user_id)
    channel = guild.channels.get(channel_id) or guild.threads.get(channel_id)
    if member is None or channel is None:
        return False
    return bool(channel_permissions(guild, member, channel) & VIEW_CHANNEL)


def top_position(guild: Guild, member: Member) -> tuple[int, int]:
    """A member's place in the hierarchy: the highest role's position; of two equal ones the older role wins."""
    roles = [guild.roles[role_id] for role_id in member.role_ids if role_id in guild.roles]
    return max(((role.position, -role.id) for role in roles), default=(0, -guild.id))


def outranks(guild: Guild, actor: Member, target: Member) -> bool:
    """Whether Discord lets the actor act on the target: the owner over all, nobody over the owner, no equals."""
    if target.user.id == guild.owner_id:
        return False
    if actor.user.id == guild.owner_id:
        return True
    return top_position(guild, actor) > top_position(guild, target)


def _overwritten(guild: Guild, member: Member, channel: Channel, bits: int) -> int:
    overwrites = channel.overwrites
    if not overwrites:
        return bits
    everyone = overwrites.get(guild.id)
    if everyone is not None:
        bits = bits & ~everyone.deny | everyone.allow
    allow = deny = 0
    for role_id in member.role_ids:
        overwrite = overwrites.get(role_id)
        if overwrite is not None:
            allow |= overwrite.allow
            deny |= overwrite.deny
    bits = bits & ~deny | allow
    own = overwrites.get(member.user.id)
    return bits & ~own.deny | own.allow if own is not None else bits
