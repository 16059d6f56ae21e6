//! Colour arithmetic: OKLab mixing, and the maps that turn a number into a colour.
//!
//! OKLab and OKLCH after Björn Ottosson, <https://bottosson.github.io/posts/oklab/>.

/// An sRGB colour, 8 bits a channel.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// From `0xRRGGBB`.
    pub const fn hex(code: u32) -> Rgb {
        Rgb((code >> 16) as u8, (code >> 8) as u8, code as u8)
    }

    /// As CSS writes it.
    pub fn css(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }

    /// Relative luminance of WCAG 2.
    pub fn luminance(self) -> f64 {
        0.2126 * linear(self.0) + 0.7152 * linear(self.1) + 0.0722 * linear(self.2)
    }

    /// Contrast ratio of WCAG 2, from 1 to 21.
    pub fn contrast(self, other: Rgb) -> f64 {
        let (a, b) = (self.luminance(), other.luminance());
        (a.max(b) + 0.05) / (a.min(b) + 0.05)
    }

    /// This colour laid over another with an opacity.
    pub fn over(self, under: Rgb, alpha: f32) -> Rgb {
        let mix = |a: u8, b: u8| (a as f32 * alpha + b as f32 * (1.0 - alpha)).round() as u8;
        Rgb(mix(self.0, under.0), mix(self.1, under.1), mix(self.2, under.2))
    }

    fn oklab(self) -> [f64; 3] {
        let (r, g, b) = (linear(self.0), linear(self.1), linear(self.2));
        let l = (0.4122214708 * r + 0.5363325363 * g + 0.0514459929 * b).cbrt();
        let m = (0.2119034982 * r + 0.6806995451 * g + 0.1073969566 * b).cbrt();
        let s = (0.0883024619 * r + 0.2817188376 * g + 0.6299787005 * b).cbrt();
        [
            0.2104542553 * l + 0.7936177850 * m - 0.0040720468 * s,
            1.9779984951 * l - 2.4285922050 * m + 0.4505937099 * s,
            0.0259040371 * l + 0.7827717662 * m - 0.8086757660 * s,
        ]
    }

    fn from_oklab([l0, a, b]: [f64; 3]) -> Rgb {
        let l = (l0 + 0.3963377774 * a + 0.2158037573 * b).powi(3);
        let m = (l0 - 0.1055613458 * a - 0.0638541728 * b).powi(3);
        let s = (l0 - 0.0894841775 * a - 1.2914855480 * b).powi(3);
        Rgb(
            encode(4.0767416621 * l - 3.3077115913 * m + 0.2309699292 * s),
            encode(-1.2684380046 * l + 2.6097574011 * m - 0.3413193965 * s),
            encode(-0.0041960863 * l - 0.7034186147 * m + 1.7076147010 * s),
        )
    }

    /// A colour by lightness, chroma and hue in degrees.
    pub fn oklch(lightness: f64, chroma: f64, hue: f64) -> Rgb {
        let angle = hue.to_radians();
        Rgb::from_oklab([lightness, chroma * angle.cos(), chroma * angle.sin()])
    }

    /// `share` of `other`, the rest of this colour, mixed where equal steps look equal.
    pub fn mix(self, other: Rgb, share: f64) -> Rgb {
        let (a, b) = (self.oklab(), other.oklab());
        Rgb::from_oklab(std::array::from_fn(|i| a[i] + (b[i] - a[i]) * share))
    }
}

fn linear(channel: u8) -> f64 {
    let c = channel as f64 / 255.0;
    if c <= 0.04045 { c / 12.92 } else { ((c + 0.055) / 1.055).powf(2.4) }
}

fn encode(value: f64) -> u8 {
    let v = if value <= 0.0031308 { 12.92 * value } else { 1.055 * value.powf(1.0 / 2.4) - 0.055 };
    (v.clamp(0.0, 1.0) * 255.0).round() as u8
}

/// How a number becomes a colour.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Scale {
    /// Blue, neutral at exactly zero, vermilion; `limit` at both ends.
    Signed {
        /// The value drawn in the strongest colour.
        limit: f32,
    },
    /// One map from nothing to `max`.
    Magnitude {
        /// The value drawn in the strongest colour.
        max: f32,
    },
    /// Black to white, as a photo.
    Gray {
        /// Drawn black.
        low: f32,
        /// Drawn white.
        high: f32,
    },
    /// The first three channels of `[1, c, h, w]` as red, green and blue from 0 to 1: of planes only.
    Colour,
}

impl Scale {
    /// The place of a value on the scale: −1 to 1 for signed values, 0 to 1 otherwise. A scale without
    /// extent gives the neutral place, so that nothing is divided by zero.
    pub fn place(self, value: f32) -> f32 {
        let share = |v: f32, of: f32| if of > 0.0 { v / of } else { 0.0 };
        let place = match self {
            Scale::Signed { limit } => share(value, limit).clamp(-1.0, 1.0),
            Scale::Magnitude { max } => share(value, max).clamp(0.0, 1.0),
            Scale::Gray { low, high } => share(value - low, high - low).clamp(0.0, 1.0),
            Scale::Colour => value.clamp(0.0, 1.0),
        };
        if place.is_nan() { 0.0 } else { place }
    }

    /// The two ends of a legend.
    pub fn ends(self) -> (f32, f32) {
        match self {
            Scale::Signed { limit } => (-limit, limit),
            Scale::Magnitude { max } => (0.0, max),
            Scale::Gray { low, high } => (low, high),
            Scale::Colour => (0.0, 1.0),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn oklab_round_trips_every_channel() {
        for code in (0..=0xffffffu32).step_by(7919) {
            let c = Rgb::hex(code);
            assert_eq!(Rgb::from_oklab(c.oklab()), c);
        }
    }

    #[test]
    fn zero_is_neutral_and_ends_are_symmetric() {
        let s = Scale::Signed { limit: 4.0 };
        assert_eq!(s.place(0.0), 0.0);
        assert_eq!(s.place(9.0), 1.0);
        assert_eq!(s.place(-2.0), -0.5);
        assert_eq!(Scale::Signed { limit: 0.0 }.place(3.0), 0.0);
        assert_eq!(Scale::Signed { limit: 1.0 }.place(f32::NAN), 0.0);
    }

    #[test]
    fn black_on_white_has_the_full_contrast() {
        assert!((Rgb(0, 0, 0).contrast(Rgb(255, 255, 255)) - 21.0).abs() < 1e-9);
    }
}
