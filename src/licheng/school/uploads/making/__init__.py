"""Makers of smaller versions. They run in the sandbox, without Django: paths and numbers in, JSON out.

Every maker writes into the folder it is given and answers what it made, or why it cannot. Called by
`operations.preparing` through the sandbox.
"""
