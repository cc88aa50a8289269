"""THE HOT PATH: from Kafka to facts and counts, exactly once in effect."""
