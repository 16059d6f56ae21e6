//! Planes as PNGs, of a palette or in colour, where no browser is there to code them: for the pictures that tests compare.

use super::Mark;
use super::svg::indexer;
use crate::stage::colormap::Scale;
use crate::stage::lab::Shared;
use crate::stage::theme::Theme;
use base64::Engine;

/// A plane as a `data:` address.
pub fn address(plane: &Mark, theme: Theme) -> Option<String> {
    let Mark::Plane { tensor, rows, cols, scale, .. } = plane else { return None };
    let png = indexed(tensor, *rows, *cols, *scale, theme)?;
    Some(format!("data:image/png;base64,{}", base64::engine::general_purpose::STANDARD.encode(png)))
}

/// A plane as a palette PNG: one byte a value, the theme's colours as its palette.
fn indexed(
    tensor: &Shared,
    rows: (usize, usize),
    cols: (usize, usize),
    scale: Scale,
    theme: Theme,
) -> Option<Vec<u8>> {
    let (h, w) = (rows.1.checked_sub(rows.0)?, cols.1.checked_sub(cols.0)?);
    let (_, width) = super::grid::extent(tensor);
    let flat = tensor.as_slice()?;
    if scale == Scale::Colour {
        return coloured(flat, super::grid::extent(tensor), rows, cols);
    }
    let place = indexer(scale);
    let mut pixels = Vec::with_capacity(h * w);
    for r in rows.0..rows.1 {
        let row = flat.get(r * width + cols.0..r * width + cols.1)?;
        pixels.extend(row.iter().map(|v| place(*v).min(255) as u8));
    }
    let palette: Vec<u8> = theme.table(scale).iter().take(256).flat_map(|c| [c.0, c.1, c.2]).collect();
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, w as u32, h as u32);
    encoder.set_color(png::ColorType::Indexed);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_palette(palette);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}

/// Three planes of numbers as red, green and blue.
fn coloured(
    flat: &[f32],
    (height, width): (usize, usize),
    rows: (usize, usize),
    cols: (usize, usize),
) -> Option<Vec<u8>> {
    let mut pixels = Vec::new();
    for r in rows.0..rows.1 {
        for c in cols.0..cols.1 {
            for k in 0..3 {
                let value = flat.get((k * height + r) * width + c)?;
                pixels.push((value.clamp(0.0, 1.0) * 255.0).round() as u8);
            }
        }
    }
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, (cols.1 - cols.0) as u32, (rows.1 - rows.0) as u32);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&pixels).ok()?;
    writer.finish().ok()?;
    Some(bytes)
}
