//! QR codes of links, as data: which modules are dark.

use qrcodegen::{QrCode, QrCodeEcc};

/// Blank modules around a code, as the standard (ISO/IEC 18004) asks for.
pub const QUIET: usize = 4;

/// A code.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Code {
    /// Modules along each side, without the quiet zone.
    pub side: usize,
    /// Its version, 1 to 40: `side = 17 + 4 · version`.
    pub version: usize,
    dark: Vec<bool>,
}

impl Code {
    /// The code of a text, with the error correction that fits: a quarter of it may be hidden where there is room, at least
    /// 7 %. None when the text is too long for any code (2953 bytes).
    pub fn of(text: &str) -> Option<Code> {
        let code = QrCode::encode_text(text, QrCodeEcc::Medium)
            .or_else(|_| QrCode::encode_text(text, QrCodeEcc::Low))
            .ok()?;
        let side = usize::try_from(code.size()).ok()?;
        let dark = (0..code.size()).flat_map(|y| (0..code.size()).map(move |x| (x, y)));
        let dark = dark.map(|(x, y)| code.get_module(x, y)).collect();
        Some(Code { side, version: usize::from(code.version().value()), dark })
    }

    /// Whether a module is dark; those of the quiet zone and beyond are not.
    pub fn dark(&self, x: usize, y: usize) -> bool {
        x < self.side && y < self.side && self.dark.get(y * self.side + x).copied().unwrap_or(false)
    }

    /// Modules along each side with the quiet zone.
    pub const fn whole(&self) -> usize {
        self.side + 2 * QUIET
    }

    /// As a whole SVG picture, black on white.
    pub fn svg(&self) -> String {
        let whole = self.whole();
        let mut path = String::new();
        for y in 0..self.side {
            let mut x = 0;
            while x < self.side {
                let run = (x..self.side).take_while(|&x| self.dark(x, y)).count();
                if run > 0 {
                    path += &format!("M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run.max(1);
            }
        }
        format!(
            "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {whole} {whole}\" shape-rendering=\"crispEdges\">\
             <path fill=\"#fff\" d=\"M0 0h{whole}v{whole}H0z\"/><path d=\"{path}\"/></svg>"
        )
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_has_its_three_finders_and_its_quiet_zone() {
        let code = Code::of("https://example.org/#/convolution?stride=2").unwrap();
        assert_eq!(code.side, 17 + 4 * code.version);
        let last = code.side - 7;
        for (x, y) in [(0, 0), (last, 0), (0, last)] {
            // A dark ring, a light one, and a dark middle of 3 × 3.
            for i in 0..7 {
                assert!(code.dark(x + i, y) && code.dark(x + i, y + 6) && code.dark(x, y + i));
            }
            assert!(!code.dark(x + 1, y + 1) && code.dark(x + 3, y + 3));
        }
        assert!(!code.dark(code.side, 0));
        assert_eq!(code.whole(), code.side + 8);
    }

    #[test]
    fn the_picture_holds_every_dark_module_once() {
        let code = Code::of("receptive").unwrap();
        let dark: usize =
            (0..code.side * code.side).filter(|i| code.dark(i % code.side, i / code.side)).count();
        let svg = code.svg();
        let runs = svg.split('h').skip(1).filter_map(|r| r.split('v').next()?.parse::<usize>().ok());
        assert_eq!(runs.sum::<usize>(), dark + code.whole());
    }

    #[test]
    fn a_text_that_is_too_long_has_no_code() {
        assert!(Code::of(&"x".repeat(2953)).is_some());
        assert!(Code::of(&"x".repeat(2954)).is_none());
    }
}
