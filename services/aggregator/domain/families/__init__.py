"""What several measures ask of a family: when it was reached, about which enrolment, and in which years that lies."""
