"""What closes ways to a family, and opens them again: rules, consents, and what a student of age shares."""
