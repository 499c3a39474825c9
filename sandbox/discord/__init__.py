"""Discord's REST v10, Gateway v10, OAuth2 and CDN, kept in memory."""
