"""What roster has told a service, in the service's own database."""
