"""Real servers for the tests: started on free loopback ports, ended with the tests."""
