"""Base suites: what every feed and every broker has to do. A vendor's test subclasses them."""
