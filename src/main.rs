//! The page's entry point.

fn main() {
    receptive::app::start();
}
