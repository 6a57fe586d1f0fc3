"""Measurements: each module measures one thing and defines the click `command` that `python -m benchmarks <module>` runs."""
