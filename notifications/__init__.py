"""Telling people: the bell and e-mail, in the reader's language."""
