"""Pages of course counselling, and the file of a consultation."""
