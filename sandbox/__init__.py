"""A stand-in for Discord that fits in one process and speaks its wire protocols."""
