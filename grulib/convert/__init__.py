"""One GRU in many notations and containers: described as data, converted, opened and packed."""
