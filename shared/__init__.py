"""What two services or more need: functions to call, never a rule of one domain."""
