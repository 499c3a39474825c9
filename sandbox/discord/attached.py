"""State that belongs to a world but not to its core: one of each kind, made when first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from sandbox.discord.world import World

Part = TypeVar("Part")


class Attached(Generic[Part]):
    """`Attached(make)(world)` is the world's own part; it lives as long as the world."""

    def __init__(self, make: Callable[[World], Part]) -> None:
        self._make = make
        self._parts: WeakKeyDictionary[World, Part] = WeakKeyDictionary()

    def __call__(self, world: World) -> Part:
        """The part of this world."""
        part = self._parts.get(world)
        if part is None:
            part = self._parts[world] = self._make(world)
        return part

    def set(self, world: World, part: Part) -> None:
        """Give the world a part that was made elsewhere."""
        self._parts[world] = part
