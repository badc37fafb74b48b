"""The pure core: what a request is, what should happen to it next, and the words that say so.

Nothing in here knows a clock, a socket, a disk, a logger or a library from outside; everything is an argument.
"""
