"""What is remembered, what is counted, and how: pure functions, shared with `insights`."""
