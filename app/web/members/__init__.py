"""The members of a community: list and profile."""
