"""Who opened what was deleted."""
