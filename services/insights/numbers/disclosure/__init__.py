"""What a viewer may be told of people whose records they may not read."""
