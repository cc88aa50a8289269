"""What a program plans for its families: designed, approved, revised, retired."""
