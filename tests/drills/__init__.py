"""Drills: faults made on purpose against real parts, each beside a control that must fail in the same run.

`python -m tests.drills [NAME …] [--seed N]` runs them in order and ends with `N passed, M failed`. A drill is one
file under `cases/`: its docstring is its purpose, NEEDS names the programs it uses, `run(ground)` gives a Found.
Acknowledgements are kept outside the device that is harmed. A drill that cannot run here has failed.
"""
