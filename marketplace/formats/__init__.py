"""How languages write days and numbers, where Django does it otherwise."""
