"""What the Catalog page is made of: a catalog that is open, and a module for each of its parts."""
