"""Operations on stored videos: each kind of analysis has a Start and a Get operation."""
