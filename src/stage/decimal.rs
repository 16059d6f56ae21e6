//! Reading decimal numbers.
//!
//! The standard library's reader is right to the last bit of 64 for any text, and carries tables of 10 kB for it, which
//! every visit would load. Controls hold 32-bit numbers: for them 64-bit arithmetic is more than enough.

/// The number a text says: digits with an optional sign, point and exponent; or `nan`, `inf`, `infinity`. As the
/// standard library, it takes no spaces. Exact up to 15 digits and a power of ten of 22; beyond, within a few units of
/// the last place of 64 bits. Every `f32` that Rust wrote is read back as itself.
///
/// ```
/// use receptive::stage::decimal::decimal;
/// assert_eq!(decimal("-12.5e-1"), Some(-1.25));
/// assert_eq!(decimal(".5"), Some(0.5));
/// assert_eq!(decimal("1e"), None);
/// ```
pub fn decimal(text: &str) -> Option<f64> {
    let (negative, text) = match text.as_bytes().first()? {
        b'-' => (true, &text[1..]),
        b'+' => (false, &text[1..]),
        _ => (false, text),
    };
    let size = if text.eq_ignore_ascii_case("nan") {
        f64::NAN
    } else if text.eq_ignore_ascii_case("inf") || text.eq_ignore_ascii_case("infinity") {
        f64::INFINITY
    } else {
        unsigned(text.as_bytes())?
    };
    Some(if negative { -size } else { size })
}

fn unsigned(text: &[u8]) -> Option<f64> {
    /// More digits than a 64-bit number can tell apart; those after them only move the point.
    const FULL: u64 = 1_000_000_000_000_000_000;
    let (mut digits, mut power, mut any, mut point) = (0u64, 0i32, false, false);
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        match byte {
            b'0'..=b'9' => {
                any = true;
                if digits < FULL {
                    digits = digits * 10 + u64::from(byte - b'0');
                    power -= i32::from(point);
                } else {
                    power += i32::from(!point);
                }
            }
            b'.' if !point => point = true,
            b'e' | b'E' => break,
            _ => return None,
        }
        at += 1;
    }
    if !any {
        return None;
    }
    if at < text.len() {
        let exponent = std::str::from_utf8(&text[at + 1..]).ok()?;
        let plain = exponent.strip_prefix(['-', '+']).unwrap_or(exponent);
        if plain.is_empty() || !plain.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        // What doesn't fit is far beyond the largest or smallest number anyway.
        let size = plain.parse::<i32>().unwrap_or(100_000).min(100_000);
        power = power.saturating_add(if exponent.starts_with('-') { -size } else { size });
    }
    let mut value = digits as f64;
    // In steps that are numbers themselves: 1e-310 is none of full precision, 1e-300 is.
    while power < -300 && value != 0.0 {
        value /= 1e300;
        power += 300;
    }
    Some(if power < 0 { value / 10f64.powi(-power) } else { value * 10f64.powi(power.min(400)) })
        .map(|value| if digits == 0 { 0.0 } else { value })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::core::tensor::Random;

    #[test]
    fn every_f32_is_read_back() {
        let mut random = Random::new(41);
        for _ in 0..200_000 {
            let value = f32::from_bits(random.next_u64() as u32);
            if value.is_finite() {
                for text in [value.to_string(), format!("{value:e}"), format!("{value:?}")] {
                    let read = decimal(&text).map(|read| read as f32);
                    assert_eq!(read.map(f32::to_bits), Some(value.to_bits()), "{text}");
                }
            }
        }
    }

    #[test]
    fn short_numbers_are_exact() {
        let mut random = Random::new(42);
        for _ in 0..100_000 {
            let text = format!(
                "{}.{}e{}",
                random.below(100_000),
                random.below(100_000),
                random.below(30) as i32 - 15
            );
            assert_eq!(decimal(&text), text.parse().ok(), "{text}");
        }
    }

    #[test]
    fn texts_mean_what_the_standard_library_says() {
        let texts = "1 -1 +1 1. .1 . - + e 1e 1e+ 1e5 1E-5 1e+5 --1 1-1 1e1.5 0x10 1_000 nan NaN -inf infinity \
            1e400 -1e400 1e-400 0e999 0e-999 00.100 12345678901234567890123 0.00000000000000000000000001 1e99999999999";
        for text in texts.split(' ') {
            let (ours, theirs) = (decimal(text), text.parse::<f64>().ok());
            let same =
                |(a, b): (f64, f64)| a == b || (a.is_nan() && b.is_nan()) || (a - b).abs() <= 1e-15 * b.abs();
            assert!(
                ours.is_some() == theirs.is_some() && ours.zip(theirs).is_none_or(same),
                "{text}: {ours:?}"
            );
        }
        assert_eq!(decimal(""), None);
    }
}
