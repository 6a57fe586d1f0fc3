"""The ways in which work lies in a folder: one module for each learning platform, and one for folders and plain names."""
