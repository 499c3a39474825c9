"""The bytes of attached files: fetched while Discord's links live, kept once, counted, served, quarantined, let go."""
