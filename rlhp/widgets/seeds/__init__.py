"""A few seeds of two measured configurations, drawn again and again."""
