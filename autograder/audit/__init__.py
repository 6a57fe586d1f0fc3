"""Tests of the tests: every right answer gets its points, every wrong one is caught by name."""
