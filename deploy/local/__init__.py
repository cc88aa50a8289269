"""The stack without Docker: a real Kafka, a real mongod and every service, as plain processes on loopback."""
