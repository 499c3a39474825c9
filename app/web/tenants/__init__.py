"""Communities: the list, install, set-up, overview."""
