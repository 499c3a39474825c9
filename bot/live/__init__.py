"""The live stream: `/ws` of the bot, and of `python -m bot.live` alone."""
