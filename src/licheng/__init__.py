"""歷程: course plans → school platform → central archive → admissions → review."""
