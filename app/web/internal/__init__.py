"""What the bot posts to the website."""
