"""From files to clean work: what was handed in is found, read within bounds, and rebuilt from the release."""
