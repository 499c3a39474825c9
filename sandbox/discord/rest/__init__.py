"""REST v10, one file per noun. A handler is added with `routing.route` and gets a `Call`."""
