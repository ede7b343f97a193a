"""The top of the house: settings, addresses, processes, home and dashboards; imports every app, imported by none."""
