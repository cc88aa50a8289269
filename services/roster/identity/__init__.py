"""Which person an id or a row means. Pure."""
