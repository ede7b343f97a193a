"""Money with the outside world: gateways, methods, charges, holdings, releases, refunds and payouts."""
