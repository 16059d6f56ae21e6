//! The themes: one table of colours by role, used by the figures and, as `style/tokens.css`, by the page.

use super::colormap::{Rgb, Scale};
use super::scene::Ink;

/// A theme of the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub enum Theme {
    /// Paper and ink.
    #[default]
    Light,
    /// The same at night.
    Dark,
    /// White, large text, double strokes: for a bright room.
    Projector,
    /// The strongest contrasts.
    Contrast,
}

/// The colours of one theme.
#[derive(Clone, Copy, Debug)]
pub struct Palette {
    /// Page.
    pub paper: Rgb,
    /// Cards and columns.
    pub panel: Rgb,
    /// Text.
    pub ink: Rgb,
    /// Secondary text.
    pub ink2: Rgb,
    /// Least text that still has to be read.
    pub ink3: Rgb,
    /// Hairlines.
    pub line: Rgb,
    /// Fainter hairlines.
    pub line2: Rgb,
    /// Edges of things that can be operated.
    pub edge: Rgb,
    /// What can be moved.
    pub accent: Rgb,
    /// Its quiet form.
    pub accent_soft: Rgb,
    /// Text on the accent.
    pub accent_ink: Rgb,
    /// A warning's text.
    pub warn: Rgb,
    /// A warning's ground.
    pub warn_soft: Rgb,
    /// Most negative value.
    pub negative: Rgb,
    /// Exactly zero.
    pub zero: Rgb,
    /// Most positive value.
    pub positive: Rgb,
    /// Strongest magnitude.
    pub magnitude: Rgb,
    /// Outline of padding.
    pub pad: Rgb,
    /// Focus ring.
    pub focus: Rgb,
    /// Lightness of tap colours.
    pub tap: f64,
}

const LIGHT: Palette = Palette {
    paper: Rgb::hex(0xfbfaf6),
    panel: Rgb::hex(0xffffff),
    ink: Rgb::hex(0x1b1f24),
    ink2: Rgb::hex(0x525a64),
    ink3: Rgb::hex(0x666e77),
    line: Rgb::hex(0xe0ddd3),
    line2: Rgb::hex(0xefece4),
    edge: Rgb::hex(0x8d8a80),
    accent: Rgb::hex(0x0b6e63),
    accent_soft: Rgb::hex(0xd9efe9),
    accent_ink: Rgb::hex(0xffffff),
    warn: Rgb::hex(0x8a4300),
    warn_soft: Rgb::hex(0xfff1dc),
    negative: Rgb::hex(0x2456b0),
    zero: Rgb::hex(0xf6f3ea),
    positive: Rgb::hex(0xc8441a),
    magnitude: Rgb::hex(0x3b1f78),
    pad: Rgb::hex(0x9b968a),
    focus: Rgb::hex(0x9a6b00),
    tap: 0.56,
};

const DARK: Palette = Palette {
    paper: Rgb::hex(0x101317),
    panel: Rgb::hex(0x171b21),
    ink: Rgb::hex(0xe9ebee),
    ink2: Rgb::hex(0xaab2bc),
    ink3: Rgb::hex(0x929ba6),
    line: Rgb::hex(0x2c323a),
    line2: Rgb::hex(0x20252c),
    edge: Rgb::hex(0x69727d),
    accent: Rgb::hex(0x4fc3b1),
    accent_soft: Rgb::hex(0x16322f),
    accent_ink: Rgb::hex(0x08211e),
    warn: Rgb::hex(0xffb86b),
    warn_soft: Rgb::hex(0x33240f),
    negative: Rgb::hex(0x6ea0f2),
    zero: Rgb::hex(0x262b32),
    positive: Rgb::hex(0xf08a5a),
    magnitude: Rgb::hex(0xc9b0ff),
    pad: Rgb::hex(0x6b747f),
    focus: Rgb::hex(0xe0b84c),
    tap: 0.72,
};

const PROJECTOR: Palette = Palette {
    paper: Rgb::hex(0xffffff),
    ink: Rgb::hex(0x000000),
    ink2: Rgb::hex(0x2c3138),
    ink3: Rgb::hex(0x454d56),
    line: Rgb::hex(0xb9b6ad),
    line2: Rgb::hex(0xd8d5cc),
    edge: Rgb::hex(0x6c6960),
    accent: Rgb::hex(0x00594f),
    pad: Rgb::hex(0x77736a),
    tap: 0.52,
    ..LIGHT
};

const CONTRAST: Palette = Palette {
    paper: Rgb::hex(0x000000),
    panel: Rgb::hex(0x000000),
    ink: Rgb::hex(0xffffff),
    ink2: Rgb::hex(0xffffff),
    ink3: Rgb::hex(0xe6e6e6),
    line: Rgb::hex(0xb0b0b0),
    line2: Rgb::hex(0x808080),
    edge: Rgb::hex(0xffffff),
    accent: Rgb::hex(0x6ff2dc),
    accent_soft: Rgb::hex(0x0a4038),
    accent_ink: Rgb::hex(0x000000),
    warn: Rgb::hex(0xffd18a),
    warn_soft: Rgb::hex(0x3a2600),
    negative: Rgb::hex(0x7fb2ff),
    zero: Rgb::hex(0x1c1c1c),
    positive: Rgb::hex(0xff9d6b),
    magnitude: Rgb::hex(0xdccbff),
    pad: Rgb::hex(0xb0b0b0),
    focus: Rgb::hex(0xffe600),
    tap: 0.78,
};

impl Theme {
    /// Every theme.
    pub const ALL: [Theme; 4] = [Theme::Light, Theme::Dark, Theme::Projector, Theme::Contrast];
    /// Keys in links: `theme=dark`.
    pub const KEYS: [&'static str; 4] = ["light", "dark", "projector", "contrast"];

    /// The key in links.
    pub fn key(self) -> &'static str {
        Theme::KEYS[self as usize]
    }

    /// The theme of a link key.
    pub fn from_key(key: &str) -> Option<Theme> {
        Theme::ALL.into_iter().find(|t| t.key() == key)
    }

    /// Its colours.
    pub fn palette(self) -> &'static Palette {
        match self {
            Theme::Light => &LIGHT,
            Theme::Dark => &DARK,
            Theme::Projector => &PROJECTOR,
            Theme::Contrast => &CONTRAST,
        }
    }

    /// Factor on line widths.
    pub fn stroke(self) -> f64 {
        if matches!(self, Theme::Projector | Theme::Contrast) { 2.0 } else { 1.0 }
    }

    /// The colour of a role; `None` paints nothing.
    pub fn color(self, ink: Ink) -> Option<Rgb> {
        let p = self.palette();
        Some(match ink {
            Ink::None => return None,
            Ink::Ink => p.ink,
            Ink::Ink2 => p.ink2,
            Ink::Ink3 => p.ink3,
            Ink::Line => p.line,
            Ink::Line2 => p.line2,
            Ink::Paper => p.paper,
            Ink::Panel => p.panel,
            Ink::Accent => p.accent,
            Ink::Warn => p.warn,
            Ink::Pad => p.pad,
            Ink::Focus => p.focus,
            Ink::Tap { index, of } => self.tap(index, of),
            Ink::Value { scale, value } => self.value(scale, value),
        })
    }

    /// The colour of a value on a scale.
    pub fn value(self, scale: Scale, value: f32) -> Rgb {
        self.place(scale, scale.place(value))
    }

    fn place(self, scale: Scale, place: f32) -> Rgb {
        let p = self.palette();
        let place = place as f64;
        match scale {
            Scale::Signed { .. } if place < 0.0 => p.zero.mix(p.negative, -place),
            Scale::Signed { .. } => p.zero.mix(p.positive, place),
            // A detour over a lighter, warmer middle keeps equal steps equally visible.
            Scale::Magnitude { .. } if place < 0.5 => p.zero.mix(self.middle(), place * 2.0),
            Scale::Magnitude { .. } => self.middle().mix(p.magnitude, place * 2.0 - 1.0),
            Scale::Gray { .. } | Scale::Colour => {
                let level = (place * 255.0).round() as u8;
                Rgb(level, level, level)
            }
        }
    }

    fn middle(self) -> Rgb {
        let p = self.palette();
        let lightness = if p.zero.luminance() > p.magnitude.luminance() { 0.70 } else { 0.52 };
        Rgb::oklch(lightness, 0.11, 335.0)
    }

    /// 257 colours for a plane; the middle one is the neutral colour of signed scales.
    pub fn table(self, scale: Scale) -> Vec<Rgb> {
        (0..=256)
            .map(|i| match scale {
                Scale::Signed { .. } => self.place(scale, (i as f32 - 128.0) / 128.0),
                _ => self.place(scale, i as f32 / 256.0),
            })
            .collect()
    }

    /// The colour of kernel tap `index` of `of`: neighbours always differ clearly in hue.
    pub fn tap(self, index: usize, of: usize) -> Rgb {
        let step = if of <= 9 { 40.0 } else { 137.508 };
        Rgb::oklch(self.palette().tap, 0.13, (20.0 + index as f64 * step) % 360.0)
    }

    /// Black or white, whichever reads better on a ground.
    pub fn text_on(self, ground: Rgb) -> Rgb {
        let (dark, light) = (Rgb::hex(0x000000), Rgb::hex(0xffffff));
        if ground.contrast(dark) >= ground.contrast(light) { dark } else { light }
    }
}

/// The page's style tokens, from the same table: `style/tokens.css`.
pub fn css() -> String {
    let block = |theme: Theme| {
        let p = theme.palette();
        let tokens: String = [
            ("paper", p.paper),
            ("panel", p.panel),
            ("ink", p.ink),
            ("ink-2", p.ink2),
            ("ink-3", p.ink3),
            ("line", p.line),
            ("line-2", p.line2),
            ("edge", p.edge),
            ("accent", p.accent),
            ("accent-soft", p.accent_soft),
            ("accent-ink", p.accent_ink),
            ("warn", p.warn),
            ("warn-soft", p.warn_soft),
            ("neg", p.negative),
            ("zero", p.zero),
            ("pos", p.positive),
            ("mag", p.magnitude),
            ("pad", p.pad),
            ("focus", p.focus),
        ]
        .iter()
        .map(|(name, color)| format!("--{name}:{};", color.css()))
        .collect();
        let scheme = if p.paper.luminance() < 0.2 { "dark" } else { "light" };
        format!("color-scheme:{scheme};--stroke:{}px;{tokens}", theme.stroke())
    };
    let mut css = String::from("/* Written by the build from the themes of the figures. */\n");
    css += &format!(":root{{{}}}\n", block(Theme::Light));
    css +=
        &format!("@media (prefers-color-scheme:dark){{:root:not([data-theme]){{{}}}}}\n", block(Theme::Dark));
    for theme in Theme::ALL {
        css += &format!("[data-theme={}]{{{}}}\n", theme.key(), block(theme));
    }
    css
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_reads_on_every_ground() {
        for theme in Theme::ALL {
            let p = theme.palette();
            for ground in [p.paper, p.panel] {
                for ink in [p.ink, p.ink2, p.ink3, p.accent, p.warn] {
                    assert!(ink.contrast(ground) >= 4.5, "{theme:?} {} on {}", ink.css(), ground.css());
                }
                assert!(p.edge.contrast(ground) >= 3.0, "{theme:?} edge");
                assert!(p.focus.contrast(ground) >= 3.0, "{theme:?} focus");
                assert!(p.ink.contrast(p.accent_soft) >= 4.5, "{theme:?} accent soft");
            }
            assert!(p.accent_ink.contrast(p.accent) >= 4.5, "{theme:?} button");
            assert!(p.warn.contrast(p.warn_soft) >= 4.5, "{theme:?} warning");
            assert!(p.ink2.contrast(p.accent_soft) >= 4.5, "{theme:?} quiet on soft");
            for i in 0..=64 {
                for scale in [
                    Scale::Signed { limit: 1.0 },
                    Scale::Magnitude { max: 1.0 },
                    Scale::Gray { low: 0.0, high: 1.0 },
                ] {
                    let ground = theme.value(scale, i as f32 / 32.0 - 1.0);
                    let ink = theme.text_on(ground);
                    assert!(ink.contrast(ground) >= 4.5, "{theme:?} {scale:?} {i} {}", ground.css());
                }
            }
        }
    }

    #[test]
    fn taps_stand_out_and_differ() {
        for theme in Theme::ALL {
            for of in [1, 4, 9, 25] {
                for i in 0..of {
                    assert!(theme.tap(i, of).contrast(theme.palette().panel) >= 3.0, "{theme:?} {i}/{of}");
                    if i > 0 {
                        assert_ne!(theme.tap(i, of), theme.tap(i - 1, of));
                    }
                }
            }
        }
    }

    #[test]
    fn scales_are_even_and_neutral_at_zero() {
        for theme in Theme::ALL {
            let table = theme.table(Scale::Signed { limit: 1.0 });
            assert_eq!(table[128], theme.palette().zero);
            let mags = theme.table(Scale::Magnitude { max: 1.0 });
            let down = mags[0].luminance() > mags[256].luminance();
            for pair in mags.windows(2) {
                let falls = pair[0].luminance() >= pair[1].luminance();
                assert!(
                    falls == down || pair[0].luminance() == pair[1].luminance(),
                    "{theme:?} not monotone"
                );
            }
        }
    }
}
