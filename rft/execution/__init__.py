"""Running programs that a model wrote: the port, its engines, and what they share."""
