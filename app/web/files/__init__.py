"""Attached files: their bytes, what became of them, and what they take up."""
