"""What the README promises in numbers, measured."""
