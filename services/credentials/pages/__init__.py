"""On these pages people write credentials down."""
