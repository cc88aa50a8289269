"""A record is a document and its own outbox: decided, written, kept, published."""
