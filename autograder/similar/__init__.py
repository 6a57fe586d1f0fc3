"""Which submissions share more than a week makes everybody share: pairs for a person to read, from the records alone."""
