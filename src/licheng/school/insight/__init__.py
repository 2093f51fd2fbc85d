"""Home pages: what is left to do, for a student, a teacher, an office. Reads everything, writes nothing."""
