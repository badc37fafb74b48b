"""The command line: one file per command, and the only place that turns errors into advice and exit codes.

The files import what they need inside the command, so that `--help` answers at once.
"""
