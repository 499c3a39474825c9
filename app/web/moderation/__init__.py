"""Acts of moderation and their cases."""
