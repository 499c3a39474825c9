"""A stand-in for the outside world that speaks its wire: for the demo and the tests."""
