"""Operations on collections."""
