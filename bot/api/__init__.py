"""The bot's HTTP API: one file a noun. Every route is signed, but `/health` (its status alone) and `/ws`."""
