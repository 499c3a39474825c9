"""Whom a limit by address counts."""

from __future__ import annotations

from ipaddress import IPv6Address, ip_address

IPV6_NETWORK_BITS = 64


def counted_address(address: str | None) -> str:
    """One household or machine: an IPv4 address, the /64 of an IPv6 one (whoever has one has all of these)."""
    try:
        found = ip_address(address or "")
    except ValueError:
        return address or "unknown"
    if not isinstance(found, IPv6Address):
        return str(found)
    if found.ipv4_mapped is not None:
        return str(found.ipv4_mapped)
    network = int(found) >> (128 - IPV6_NETWORK_BITS) << (128 - IPV6_NETWORK_BITS)
    return f"{IPv6Address(network)}/{IPV6_NETWORK_BITS}"
