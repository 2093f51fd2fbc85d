"""What is taught to whom: course codes, offerings, enrolments, and the roster imports that bring them in.

Nouns: Course, Offering, Enrolment, CourseDeputy, CourseMark, StudentTerm, BorrowedStudy, CadreRecord.
"""
