"""What people and systems ask of roster over HTTP, and how it is answered."""
