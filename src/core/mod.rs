//! Pure numbers: tensors, operators with their gradients, and analysis. No clock, no browser, no globals.
