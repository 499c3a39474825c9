"""Signing in and out, and the cookie that remembers it."""
