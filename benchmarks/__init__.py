"""Start-up times and memory, measured against their limits."""
