"""Technical skills and program assessments: what was sat, what a program's cuts make of it, how it is kept."""
