"""The gateway is the one address that users have: Caddy, which gives every service a path of it."""
