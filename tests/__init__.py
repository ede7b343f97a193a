"""What crosses apps: journeys, the simulation, the access table, races."""
