"""Pages of the door, by what they are for: the front page, the help desk, announcements, manuals."""
