"""The parts that `samples/make.py` puts together: plan, courses, people, rosters, works, faults, cast."""
