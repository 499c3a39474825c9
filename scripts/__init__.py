"""Set-up, the demo, checks: nothing of the product imports this."""
