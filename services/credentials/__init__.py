"""The authority on industry credentials: the dated catalogue, and the attempts and awards of students."""
