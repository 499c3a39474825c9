"""What is kept about people: the owner's settings, requests, one's own page, the data map."""
