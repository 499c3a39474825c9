"""What the archive covers, and history on request."""
