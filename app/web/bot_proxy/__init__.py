"""`/__bot-proxy`: the way from a browser to the bot."""
