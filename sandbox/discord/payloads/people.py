"""Users and members."""

from sandbox.discord import cdn
from sandbox.discord.clock import iso
from sandbox.discord.models import Json, Member, User


def user(person: User) -> Json:
    """A user as others see them."""
    payload: Json = {
        "id": str(person.id),
        "username": person.username,
        "global_name": person.global_name,
        "discriminator": person.discriminator,
        "avatar": cdn.avatar_hash(person),
        "avatar_decoration_data": None,
        "collectibles": None,
        "primary_guild": None,
        "banner": None,
        "accent_color": None,
        "public_flags": 0,
        "flags": 0,
    }
    if person.is_bot:
        payload["bot"] = True
    return payload


def own_user(person: User) -> Json:
    """A user as `/users/@me` and READY tell the user themselves."""
    return user(person) | {
        "mfa_enabled": False,
        "locale": person.locale,
        "premium_type": 0,
        "verified": True,
        "email": None,
        "bot": person.is_bot,
    }


def member_without_user(membership: Member) -> Json:
    """The member object that rides on messages and interactions."""
    until = membership.timed_out_until
    return {
        "nick": membership.nick,
        "avatar": None,
        "banner": None,
        "avatar_decoration_data": None,
        "collectibles": None,
        "roles": [str(role_id) for role_id in membership.role_ids],
        "joined_at": iso(membership.joined_at),
        "premium_since": None,
        "communication_disabled_until": iso(until) if until else None,
        "flags": 0,
        "pending": False,
        "mute": False,
        "deaf": False,
    }


def member(membership: Member) -> Json:
    """A guild member with their user."""
    payload = member_without_user(membership)
    payload["user"] = user(membership.user)
    return payload
