"""How a value must be written, and what people are told when it is not."""
