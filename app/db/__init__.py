"""The only place with sessions, raw connections and `text()`. See docs/design.md sections 4, 4a and 5."""
