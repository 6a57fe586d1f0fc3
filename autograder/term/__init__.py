"""A term: who is in it, when work is due, what a person decided, and from all that each student's points."""
