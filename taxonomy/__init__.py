"""What work is called: categories, specialities, skills and their synonyms, in both languages."""
