"""Benches: each module measures one thing and defines the click `command` that `autograder bench <module>` runs."""
