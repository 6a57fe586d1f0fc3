"""`make demo`: a sample class, three cheats in it, executed, graded and reported."""
