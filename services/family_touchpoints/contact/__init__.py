"""Who may be contacted, and how: what families, courts and students have said, which never leaves the service."""
