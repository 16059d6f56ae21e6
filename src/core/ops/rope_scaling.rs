//! The frequencies of rotary codes, and how they are changed for texts longer than those a model was trained on.

use std::f64::consts::TAU;

use crate::core::tensor::{Error, checked_elements};

/// How rotary frequencies are changed. Names and numbers are those of the `transformers` library's `rope_parameters`.
#[derive(Clone, Debug, Default, PartialEq)]
pub enum RopeScaling {
    /// Not at all.
    #[default]
    Default,
    /// All are divided by `factor`: position interpolation (Chen and others, 2023).
    Linear {
        /// How much longer the text may be.
        factor: f64,
    },
    /// Beyond the trained length the base grows with the text, so that slow frequencies are stretched and fast ones are not
    /// (NTK-aware, made dynamic).
    Dynamic {
        /// How much longer the text may be.
        factor: f64,
        /// The trained length.
        max_position_embeddings: usize,
    },
    /// Frequencies that turn often within the trained length stay, slow ones are interpolated, with a ramp between.
    Yarn(Yarn),
    /// Each frequency has its own divisor, found by a search: one list for short texts, one for long ones.
    LongRope(LongRope),
    /// Long wavelengths are interpolated, short ones stay, with a ramp between.
    Llama3(Llama3),
}

/// YaRN (Peng and others, 2023).
#[derive(Clone, Debug, PartialEq)]
pub struct Yarn {
    /// How much longer the text may be.
    pub factor: f64,
    /// The trained length.
    pub original_max_position_embeddings: usize,
    /// Frequencies with more turns than this within the trained length stay.
    pub beta_fast: f64,
    /// Those with fewer turns than this are divided by the factor.
    pub beta_slow: f64,
    /// Whether the ramp begins and ends at whole dimensions.
    pub truncate: bool,
    /// What cosine and sine are multiplied with; `None` is `0.1 ln(factor) + 1`, or follows from the next two.
    pub attention_factor: Option<f64>,
    /// With both, the attention factor is `(0.1 mscale ln(factor) + 1) / (0.1 mscale_all_dim ln(factor) + 1)`
    /// (DeepSeek).
    pub mscale: Option<f64>,
    /// See `mscale`.
    pub mscale_all_dim: Option<f64>,
}

impl Default for Yarn {
    fn default() -> Self {
        Yarn {
            factor: 4.0,
            original_max_position_embeddings: 2048,
            beta_fast: 32.0,
            beta_slow: 1.0,
            truncate: true,
            attention_factor: None,
            mscale: None,
            mscale_all_dim: None,
        }
    }
}

/// LongRoPE (Ding and others, 2024).
#[derive(Clone, Debug, PartialEq)]
pub struct LongRope {
    /// Divisors of the frequencies for texts within the trained length.
    pub short_factor: Vec<f64>,
    /// Divisors for longer texts.
    pub long_factor: Vec<f64>,
    /// The trained length.
    pub original_max_position_embeddings: usize,
    /// The length the model is stretched to, over the trained one.
    pub factor: f64,
    /// What cosine and sine are multiplied with; `None` is `sqrt(1 + ln(factor) / ln(original length))`.
    pub attention_factor: Option<f64>,
}

/// The scaling of Llama 3.1 (2024).
#[derive(Clone, Debug, PartialEq)]
pub struct Llama3 {
    /// How much longer the text may be.
    pub factor: f64,
    /// Wavelengths above the trained length over this are interpolated.
    pub low_freq_factor: f64,
    /// Wavelengths below the trained length over this stay.
    pub high_freq_factor: f64,
    /// The trained length.
    pub original_max_position_embeddings: usize,
}

impl Default for Llama3 {
    fn default() -> Self {
        Llama3 {
            factor: 8.0,
            low_freq_factor: 1.0,
            high_freq_factor: 4.0,
            original_max_position_embeddings: 8192,
        }
    }
}

/// How fast each pair of numbers turns.
#[derive(Clone, Debug, PartialEq)]
pub struct RopeFrequencies {
    /// Radians from one position to the next, for each pair.
    pub inv_freq: Vec<f64>,
    /// What cosine and sine are multiplied with.
    pub attention_scaling: f64,
}

impl RopeScaling {
    /// The frequencies of `dim / 2` pairs, `base^(-2 i / dim)` changed by the scaling. `seq_len` is the length of the text,
    /// which matters for [`RopeScaling::Dynamic`] and [`RopeScaling::LongRope`].
    ///
    /// Errors: an odd `dim`, a base or a factor that is not above zero, lists of another length.
    pub fn frequencies(&self, dim: usize, base: f64, seq_len: usize) -> Result<RopeFrequencies, Error> {
        if !dim.is_multiple_of(2) {
            return Err(Error::NotDivisible { name: "rotary_dim", value: dim, by: "a pair", divisor: 2 });
        }
        checked_elements(&[dim])?;
        positive("base", base)?;
        let powers = |base: f64| -> Vec<f64> {
            (0..dim / 2).map(|i| base.powf(-2.0 * i as f64 / dim as f64)).collect()
        };
        let inv_freq = powers(base);
        let (inv_freq, attention_scaling) = match self {
            RopeScaling::Default => (inv_freq, 1.0),
            RopeScaling::Linear { factor } => {
                positive("factor", *factor)?;
                (inv_freq.into_iter().map(|frequency| frequency / factor).collect(), 1.0)
            }
            RopeScaling::Dynamic { factor, max_position_embeddings } => {
                positive("factor", *factor)?;
                let trained = length("max_position_embeddings", *max_position_embeddings)?;
                let stretch = factor * (seq_len as f64).max(trained) / trained - (factor - 1.0);
                // with one pair there is no slow one to stretch
                let base = if dim > 2 { base * stretch.powf(dim as f64 / (dim - 2) as f64) } else { base };
                (powers(base), 1.0)
            }
            RopeScaling::Yarn(yarn) => yarn.apply(dim, base, inv_freq)?,
            RopeScaling::LongRope(long) => long.apply(inv_freq, seq_len)?,
            RopeScaling::Llama3(llama) => (llama.apply(inv_freq)?, 1.0),
        };
        Ok(RopeFrequencies { inv_freq, attention_scaling })
    }
}

impl Yarn {
    fn apply(&self, dim: usize, base: f64, inv_freq: Vec<f64>) -> Result<(Vec<f64>, f64), Error> {
        for (name, value) in
            [("factor", self.factor), ("beta_fast", self.beta_fast), ("beta_slow", self.beta_slow)]
        {
            positive(name, value)?;
        }
        let trained = length("original_max_position_embeddings", self.original_max_position_embeddings)?;
        // the dimension that turns so often within the trained length
        let dimension = |turns: f64| dim as f64 * (trained / (turns * TAU)).ln() / (2.0 * base.ln());
        let (low, high) = (dimension(self.beta_fast), dimension(self.beta_slow));
        let (low, high) = if self.truncate { (low.floor(), high.ceil()) } else { (low, high) };
        let (low, high) = (low.max(0.0), high.min(dim as f64 - 1.0));
        let high = if low == high { high + 0.001 } else { high };
        let scaled = inv_freq.into_iter().enumerate().map(|(i, frequency)| {
            let slow = ((i as f64 - low) / (high - low)).clamp(0.0, 1.0);
            frequency / self.factor * slow + frequency * (1.0 - slow)
        });
        let grown =
            |mscale: f64| if self.factor <= 1.0 { 1.0 } else { 0.1 * mscale * self.factor.ln() + 1.0 };
        let attention_scaling = match (self.attention_factor, self.mscale, self.mscale_all_dim) {
            (Some(given), ..) => given,
            (None, Some(mscale), Some(all)) if mscale != 0.0 && all != 0.0 => grown(mscale) / grown(all),
            _ => grown(1.0),
        };
        Ok((scaled.collect(), attention_scaling))
    }
}

impl LongRope {
    fn apply(&self, inv_freq: Vec<f64>, seq_len: usize) -> Result<(Vec<f64>, f64), Error> {
        positive("factor", self.factor)?;
        let trained = length("original_max_position_embeddings", self.original_max_position_embeddings)?;
        let (name, divisors) = if seq_len > self.original_max_position_embeddings {
            ("long_factor", &self.long_factor)
        } else {
            ("short_factor", &self.short_factor)
        };
        if divisors.len() != inv_freq.len() {
            let (expected, got) = (vec![inv_freq.len()], vec![divisors.len()]);
            return Err(Error::ShapeMismatch { name, expected, got });
        }
        for &divisor in divisors {
            positive(name, divisor)?;
        }
        let grown = || if self.factor <= 1.0 { 1.0 } else { (1.0 + self.factor.ln() / trained.ln()).sqrt() };
        let scaled = inv_freq.into_iter().zip(divisors).map(|(frequency, divisor)| frequency / divisor);
        Ok((scaled.collect(), self.attention_factor.unwrap_or_else(grown)))
    }
}

impl Llama3 {
    fn apply(&self, inv_freq: Vec<f64>) -> Result<Vec<f64>, Error> {
        for (name, value) in [
            ("factor", self.factor),
            ("low_freq_factor", self.low_freq_factor),
            ("high_freq_factor", self.high_freq_factor),
        ] {
            positive(name, value)?;
        }
        let trained = length("original_max_position_embeddings", self.original_max_position_embeddings)?;
        let scaled = inv_freq.into_iter().map(|frequency| {
            let wavelength = TAU / frequency;
            let turns = trained / wavelength;
            if wavelength > trained / self.low_freq_factor {
                frequency / self.factor
            } else if wavelength < trained / self.high_freq_factor {
                frequency
            } else {
                let fast = (turns - self.low_freq_factor) / (self.high_freq_factor - self.low_freq_factor);
                frequency / self.factor * (1.0 - fast) + frequency * fast
            }
        });
        Ok(scaled.collect())
    }
}

/// Errors: a number that is not above zero.
pub(super) fn positive(name: &'static str, value: f64) -> Result<(), Error> {
    if value > 0.0 { Ok(()) } else { Err(Error::NotPositive { name, value }) }
}

/// A length, of which there must be one.
fn length(name: &'static str, value: usize) -> Result<f64, Error> {
    if value > 0 { Ok(value as f64) } else { Err(Error::Zero { name }) }
}
