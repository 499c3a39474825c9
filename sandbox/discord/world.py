"""The whole of a small Discord: its state, and everything that can happen in it.

Every change method changes the state and emits the dispatches that Discord would send; none asks for permission
(`rest` does). `subscribe(callback)` hears them all.
"""

from sandbox.discord.changes.base import Subscriber, WorldState
from sandbox.discord.changes.channels import ChannelChanges
from sandbox.discord.changes.members import MemberChanges
from sandbox.discord.changes.messages import Draft
from sandbox.discord.changes.roles import RoleChanges
from sandbox.discord.changes.webhooks import WebhookChanges
from sandbox.discord.models import Dispatch

__all__ = ["Dispatch", "Draft", "Subscriber", "World", "WorldState"]


class World(MemberChanges, RoleChanges, ChannelChanges, WebhookChanges):
    """Users, guilds, channels, messages, webhooks and the application, with a clock of their own."""
