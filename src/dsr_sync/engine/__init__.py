"""The imperative shell: observe, let the core decide, and do it, so that a crash may fall between any two lines."""
