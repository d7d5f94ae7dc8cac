"""Networks in other formats: one file a format."""
