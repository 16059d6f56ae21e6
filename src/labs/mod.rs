//! The labs, one folder each, listed once. Menu, routes, laws and tests follow from the list.

pub mod convolution;

use crate::stage::lab::{AnyLab, Entry};
use std::marker::PhantomData;

macro_rules! labs {
    ($($lab:ty),+ $(,)?) => {
        /// Every lab, in the order of the menu.
        pub const LABS: &[&dyn AnyLab] = &[$(&Entry::<$lab>(PhantomData)),+];
    };
}

labs! { convolution::Convolution }
