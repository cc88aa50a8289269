"""What is known here of a guardian, whom two ids mean, and who walked in without being known to roster."""
