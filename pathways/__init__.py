"""The biology: each module declares one pathway's rules, as functions named after their claim."""
