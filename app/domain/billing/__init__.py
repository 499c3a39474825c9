"""What a community pays, and what it gets for it."""
