//! Names of single channels as tensors of their own, so that a plane can be pointed at.

/// Most input channels of a layer here.
pub const MAX_IN: usize = 16;
/// Most output channels of a layer here.
pub const MAX_OUT: usize = 64;

macro_rules! numbered {
    ($($(#[$doc:meta])* $name:ident = $prefix:literal: $($i:literal)+;)+) => {
        $($(#[$doc])* pub const $name: &[&str] = &[$(concat!($prefix, $i)),+];)+
    };
}

numbered! {
    /// Channels of the input.
    INPUT = "input_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
    /// Partial maps of the shown output channel.
    PARTIAL = "partial_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
    /// Channels of the second state's input.
    BESIDE_INPUT = "beside_input_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
    /// Partial maps of the second state.
    BESIDE_PARTIAL = "beside_partial_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15;
    /// Channels after a 1×1 mixing.
    MIXED = "mixed_": 0 1 2 3;
    /// Channels after the way back.
    RESTORED = "restored_": 0 1 2 3;
    /// Channels of the output.
    OUTPUT = "output_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
        36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63;
    /// Kernels, their slices side by side.
    KERNEL = "kernel_": 0 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18 19 20 21 22 23 24 25 26 27 28 29 30 31 32 33 34 35
        36 37 38 39 40 41 42 43 44 45 46 47 48 49 50 51 52 53 54 55 56 57 58 59 60 61 62 63;
}

/// The name at a place of a list; the last one beyond its end.
pub fn at(list: &'static [&'static str], i: usize) -> &'static str {
    list.get(i).or(list.last()).copied().unwrap_or_default()
}
