"""Collections as files, and collections of other services and other models taken over."""
