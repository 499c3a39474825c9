"""OAuth2 as Discord does it: the consent page, codes with PKCE, tokens, and what a bearer may ask."""
