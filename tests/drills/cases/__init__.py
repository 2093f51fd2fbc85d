"""One drill a file."""
