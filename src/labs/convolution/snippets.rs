//! Code that gives the same numbers.
