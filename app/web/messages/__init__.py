"""The archive's pages: the newest messages and search, one message in its context, and the pictures in them."""
