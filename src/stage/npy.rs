//! NumPy's `.npy` format, version 1.0, little-endian float32 in C order
//! (<https://numpy.org/doc/stable/reference/generated/numpy.lib.format.html>).

use super::lab::Shared;

/// A tensor as the bytes of an `.npy` file.
pub fn write(tensor: &Shared) -> Vec<u8> {
    let shape: String = tensor.shape().iter().map(|n| format!("{n}, ")).collect();
    let mut header = format!("{{'descr': '<f4', 'fortran_order': False, 'shape': ({}), }}", shape.trim_end());
    // The data starts at a multiple of 64 bytes: 10 bytes stand before the header, and a line end closes it.
    let filled = (header.len() + 11).next_multiple_of(64) - 11;
    header = format!("{header:filled$}\n");
    let mut bytes = b"\x93NUMPY\x01\x00".to_vec();
    bytes.extend((header.len() as u16).to_le_bytes());
    bytes.extend(header.as_bytes());
    for value in tensor.iter() {
        bytes.extend(value.to_le_bytes());
    }
    bytes
}

#[cfg(test)]
mod tests {
    use super::*;
    use ndarray::{ArrayD, IxDyn};

    #[test]
    fn the_header_is_aligned_and_names_the_shape() {
        let tensor = ArrayD::from_shape_fn(IxDyn(&[1, 1, 2, 3]), |i| (i[2] * 3 + i[3]) as f32).into_shared();
        let bytes = write(&tensor);
        let data = bytes.len() - 24;
        assert_eq!(data % 64, 0);
        let header = String::from_utf8_lossy(&bytes[10..data]);
        assert!(header.contains("'shape': (1, 1, 2, 3,)"), "{header}");
        assert!(header.ends_with('\n'));
        assert_eq!(&bytes[data + 4..data + 8], 1.0f32.to_le_bytes());
    }
}
