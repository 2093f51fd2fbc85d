"""What a browser asks of outcomes: writing them, certifying them, and their files."""
