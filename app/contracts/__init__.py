"""Words that cross a process boundary. Standard library only."""
