"""The private file store: what may be kept, who may read it, and the short-lived links it is read by."""
