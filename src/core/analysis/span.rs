//! Least, greatest and mean of many numbers, in one pass.

/// What a list of numbers ranges over.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Span {
    /// Least.
    pub low: f32,
    /// Greatest.
    pub high: f32,
    /// Mean, summed in `f64`.
    pub mean: f64,
}

impl Span {
    /// The span of a list; an empty one spans from infinity to minus infinity with mean 0. NaN is passed over.
    ///
    /// ```
    /// use receptive::core::analysis::Span;
    /// let span = Span::of(&[1.0, -3.0, 5.0]);
    /// assert_eq!((span.low, span.high, span.mean, span.largest()), (-3.0, 5.0, 1.0, 5.0));
    /// ```
    pub fn of(numbers: &[f32]) -> Span {
        // Eight lists at once, so that no step waits for the one before.
        let (mut low, mut high, mut sum) = ([f32::INFINITY; 8], [f32::NEG_INFINITY; 8], 0.0f64);
        let chunks = numbers.chunks_exact(8);
        let rest = chunks.remainder();
        let mut add = |chunk: &[f32]| {
            let mut part = [0.0f32; 8];
            for (i, v) in chunk.iter().enumerate() {
                low[i] = if *v < low[i] { *v } else { low[i] };
                high[i] = if *v > high[i] { *v } else { high[i] };
                part[i] = *v;
            }
            sum += part.iter().map(|v| f64::from(*v)).sum::<f64>();
        };
        chunks.for_each(&mut add);
        add(rest);
        let mean = sum / numbers.len().max(1) as f64;
        let (low, high) = (
            low.into_iter().fold(f32::INFINITY, f32::min),
            high.into_iter().fold(f32::NEG_INFINITY, f32::max),
        );
        Span { low, high, mean }
    }

    /// The greatest absolute value; 0 for an empty list.
    pub fn largest(self) -> f32 {
        self.high.max(-self.low).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_length_is_seen_to_its_end() {
        for n in 0..40usize {
            let list: Vec<f32> = (0..n).map(|i| (i as f32 * 1.7).sin() * 5.0).collect();
            let span = Span::of(&list);
            assert_eq!(span.low, list.iter().copied().fold(f32::INFINITY, f32::min));
            assert_eq!(span.high, list.iter().copied().fold(f32::NEG_INFINITY, f32::max));
            let mean = list.iter().map(|v| f64::from(*v)).sum::<f64>() / n.max(1) as f64;
            assert!((span.mean - mean).abs() < 1e-9);
        }
    }
}
