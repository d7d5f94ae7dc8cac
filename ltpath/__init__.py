"""Rule-based models of long-term potentiation."""

__version__ = "0.1.0"
