"""What several measures ask of one student: enrolments, where something was taught, sittings, credentials earned."""
