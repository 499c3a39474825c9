"""Slash commands, one file a noun. Each translates what was typed in Discord into one domain call."""
