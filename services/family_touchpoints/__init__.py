"""Family touchpoints: what is tried with families and what comes of it, workshops, surveys, who may be contacted."""
