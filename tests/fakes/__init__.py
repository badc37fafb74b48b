"""Stand-ins for the ports that keep the same promises as the product's adapters, and are tested by the same suites."""
