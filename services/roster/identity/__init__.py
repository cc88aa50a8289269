"""These rules say which person an id or a row means. Pure."""
