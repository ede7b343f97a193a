"""The words every app shares and no domain owns: actors, errors, money, the clock, forms and template filters."""
