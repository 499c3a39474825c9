"""Who works in a community."""
