"""Whether this process lives and is ready."""
