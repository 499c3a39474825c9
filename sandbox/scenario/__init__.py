"""A community's content: who is there, and what they said. Pure, and the same for the same seed."""
