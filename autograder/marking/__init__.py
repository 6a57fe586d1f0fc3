"""Marking written answers in a browser: the desk that knows what waits, the server on this machine, and its page."""
