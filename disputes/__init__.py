"""Cases on frozen money, from opening to decision."""
