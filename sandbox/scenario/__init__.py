"""A community's content: who is there, and what they said. Pure, and the same for the same seed."""

from sandbox.scenario.chatter import chatter
from sandbox.scenario.community import build_community
from sandbox.scenario.model import Community, Step, StepKind
from sandbox.scenario.small import second_server, small_community, third_server

__all__ = [
    "Community",
    "Step",
    "StepKind",
    "build_community",
    "chatter",
    "second_server",
    "small_community",
    "third_server",
]
