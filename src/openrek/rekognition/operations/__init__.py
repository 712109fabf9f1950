"""Operations of the contract, one family a folder."""
