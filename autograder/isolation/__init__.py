"""Where untrusted code runs: bubblewrap's box, and the warm parent in it that forks a worker per submission."""
