//! Photos as tensors.

use super::lab::Shared;
use ndarray::{ArrayD, IxDyn};

/// Longest side a photo is brought down to.
pub const LONGEST: usize = 512;
/// Photos with more pixels are refused before they are decoded.
pub const MOST_PIXELS: f64 = 60e6;

/// The size a photo is drawn at: unchanged when it fits, else its longest side becomes [`LONGEST`].
pub fn fitted(width: f64, height: f64) -> (usize, usize) {
    let shrink = (LONGEST as f64 / width.max(height)).min(1.0);
    let side = |v: f64| ((v * shrink).round() as usize).clamp(1, LONGEST);
    (side(width), side(height))
}

/// One grey channel `[1, 1, h, w]` from 0 to 1 of RGBA bytes, weighted as ITU-R BT.601 does and as
/// `torchvision.transforms.Grayscale` does: 0.299 R + 0.587 G + 0.114 B. Transparent pixels lie on white.
pub fn gray(rgba: &[u8], width: usize, height: usize) -> Option<Shared> {
    let data = rgba
        .chunks_exact(4)
        .map(|p| {
            let luma = 0.299 * p[0] as f32 + 0.587 * p[1] as f32 + 0.114 * p[2] as f32;
            let alpha = p[3] as f32 / 255.0;
            (luma * alpha / 255.0 + 1.0 - alpha).clamp(0.0, 1.0)
        })
        .collect();
    ArrayD::from_shape_vec(IxDyn(&[1, 1, height, width]), data).ok().map(ArrayD::into_shared)
}

/// Red, green and blue `[1, 3, h, w]` from 0 to 1 of RGBA bytes. Transparent pixels lie on white.
pub fn colour(rgba: &[u8], width: usize, height: usize) -> Option<Shared> {
    let channel = |k: usize| {
        rgba.chunks_exact(4).map(move |p| {
            let alpha = p[3] as f32 / 255.0;
            (p[k] as f32 * alpha / 255.0 + 1.0 - alpha).clamp(0.0, 1.0)
        })
    };
    let data = (0..3).flat_map(channel).collect();
    ArrayD::from_shape_vec(IxDyn(&[1, 3, height, width]), data).ok().map(ArrayD::into_shared)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn photos_keep_their_proportions() {
        assert_eq!(fitted(1024.0, 768.0), (512, 384));
        assert_eq!(fitted(300.0, 200.0), (300, 200));
        assert_eq!(fitted(10000.0, 3.0), (512, 1));
    }

    #[test]
    fn grey_is_weighted_and_transparency_is_white() {
        let g = gray(&[255, 255, 255, 255, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255], 2, 2).unwrap();
        let flat: Vec<f32> = g.iter().copied().collect();
        assert!((flat[0] - 1.0).abs() < 1e-6 && (flat[1] - 0.299).abs() < 1e-6);
        assert_eq!((flat[2], flat[3]), (1.0, 0.0));
    }

    #[test]
    fn colours_stand_channel_after_channel() {
        let c = colour(&[255, 51, 0, 255, 0, 0, 0, 0], 2, 1).unwrap();
        assert_eq!(c.shape(), [1, 3, 1, 2]);
        for (is, wanted) in c.iter().zip([1.0, 1.0, 0.2, 1.0, 0.0, 1.0]) {
            assert!((is - wanted).abs() < 1e-6, "{is} {wanted}");
        }
    }
}
