"""Segment's official TypeScript client works against the sandbox unchanged."""
