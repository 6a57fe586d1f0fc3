"""Grading in two processes: an untrusted worker runs the student's cells, a trusted referee runs the checks."""
