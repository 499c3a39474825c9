"""Interactions: what a person does with the bot's commands, buttons and forms, and what the bot answers."""
