"""What makes a process a daemon: the metronome, the stop, and the HTTP pages. Only `run` imports it in full."""
