"""The live stream's two doors on the website: the ticket for the socket, and polling."""
