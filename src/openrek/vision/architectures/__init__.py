"""How each model is fed and decoded: one module an architecture, `Architecture(session).<what it does>(pixels)`."""
