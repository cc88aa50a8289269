"""What crosses Kafka: the only thing services know of each other."""
