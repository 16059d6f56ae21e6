//! The values a control can hold, and how links spell them.

use super::decimal::decimal;
use std::fmt;

/// The largest size of a number in a matrix or a loaded tensor. Sums of products of two such numbers stay far from
/// the end of `float32`, so that everything computed from them is finite.
pub const LARGEST: f32 = 1e9;

/// A small matrix of numbers, written in links as rows separated by `;`: `1,0,-1;2,0,-2`.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Matrix {
    rows: usize,
    cols: usize,
    data: Vec<f32>,
}

impl Matrix {
    /// A matrix from row-major data. None when the sizes disagree or a side is zero.
    pub fn new(rows: usize, cols: usize, data: Vec<f32>) -> Option<Matrix> {
        (rows > 0 && cols > 0 && rows.checked_mul(cols) == Some(data.len())).then_some(Matrix {
            rows,
            cols,
            data,
        })
    }

    /// A matrix whose cell `(r, c)` is `f(r, c)`; sides of zero become one.
    pub fn from_fn(rows: usize, cols: usize, mut f: impl FnMut(usize, usize) -> f32) -> Matrix {
        let (rows, cols) = (rows.max(1), cols.max(1));
        let data = (0..rows * cols).map(|i| f(i / cols, i % cols)).collect();
        Matrix { rows, cols, data }
    }

    /// Number of rows and columns.
    pub fn shape(&self) -> (usize, usize) {
        (self.rows, self.cols)
    }

    /// The cells, row by row.
    pub fn data(&self) -> &[f32] {
        &self.data
    }

    /// The cell at `(row, col)`, zero outside.
    pub fn at(&self, row: usize, col: usize) -> f32 {
        if row < self.rows && col < self.cols { self.data[row * self.cols + col] } else { 0.0 }
    }

    /// The same matrix with one cell changed; outside, nothing changes.
    pub fn with(&self, row: usize, col: usize, value: f32) -> Matrix {
        let mut changed = self.clone();
        if row < self.rows && col < self.cols {
            changed.data[row * self.cols + col] = value;
        }
        changed
    }

    /// The matrix in another size: cropped or grown with zeros around its centre.
    pub fn resized(&self, rows: usize, cols: usize) -> Matrix {
        let shift = |new: usize, old: usize| (new as i64 - old as i64).div_euclid(2);
        let (dr, dc) = (shift(rows, self.rows), shift(cols, self.cols));
        Matrix::from_fn(rows, cols, |r, c| {
            let (r, c) = (r as i64 - dr, c as i64 - dc);
            if r < 0 || c < 0 { 0.0 } else { self.at(r as usize, c as usize) }
        })
    }

    /// Reads `1,0;-1,2`. Rows may also be separated by line ends and cells by spaces or tabs, and brackets
    /// are ignored, so a matrix pasted from Python or a spreadsheet works.
    pub fn parse(text: &str) -> Result<Matrix, ValueError> {
        let rows_text = text.replace("],", ";").replace(['[', ']', '(', ')'], " ");
        let mut data = Vec::new();
        let (mut rows, mut cols) = (0, 0);
        for row in rows_text.split([';', '\n']) {
            let cells: Vec<&str> = row.split([',', ' ', '\t', '\r']).filter(|c| !c.is_empty()).collect();
            if cells.is_empty() {
                continue;
            }
            if rows > 0 && cells.len() != cols {
                return Err(ValueError::Ragged { row: rows + 1, found: cells.len(), expected: cols });
            }
            for cell in &cells {
                data.push(parse_real(cell)?);
            }
            (rows, cols) = (rows + 1, cells.len());
        }
        Matrix::new(rows, cols, data).ok_or(ValueError::Empty)
    }
}

impl fmt::Display for Matrix {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, row) in self.data.chunks(self.cols.max(1)).enumerate() {
            if i > 0 {
                f.write_str(";")?;
            }
            for (j, cell) in row.iter().enumerate() {
                if j > 0 {
                    f.write_str(",")?;
                }
                write!(f, "{cell}")?;
            }
        }
        Ok(())
    }
}

/// The value of one control.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A whole number.
    Whole(i64),
    /// A pair `[height, width]`.
    Pair(usize, usize),
    /// A real number.
    Real(f32),
    /// A truth value, `1` or `0` in links.
    Flag(bool),
    /// The index of the chosen option.
    Choice(usize),
    /// Padding: counts for the four sides, or a word such as `same`.
    Padding(PaddingValue),
    /// A matrix of numbers.
    Matrix(Matrix),
    /// A text.
    Text(String),
}

/// What a padding control can say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaddingValue {
    /// `[top, bottom, left, right]`. Links write `n`, `h,w` or `top,bottom,left,right`, the shortest that says it.
    Sides([usize; 4]),
    /// The index of a word of the control: `same`, `valid`, …
    Word(usize),
}

impl Default for PaddingValue {
    fn default() -> Self {
        PaddingValue::Sides([0; 4])
    }
}

/// Why a text is not a value of a control.
#[derive(Clone, Debug, PartialEq)]
pub enum ValueError {
    /// Nothing is there.
    Empty,
    /// Not a number.
    NotANumber(String),
    /// A number that is not finite.
    NotFinite,
    /// Not a whole number.
    NotWhole(String),
    /// Outside the control's range.
    OutOfRange {
        /// What was asked for.
        value: f64,
        /// Least value of the control.
        min: f64,
        /// Greatest value of the control.
        max: f64,
    },
    /// One, two or four numbers are wanted.
    Count {
        /// How many came.
        found: usize,
        /// How many may come.
        expected: &'static str,
    },
    /// Neither `1` nor `0`.
    NotAFlag(String),
    /// Not one of the options.
    NotAnOption {
        /// What was asked for.
        found: String,
        /// The keys of the options.
        options: Vec<&'static str>,
    },
    /// A row of a matrix has another length than the first.
    Ragged {
        /// The row, from one.
        row: usize,
        /// Its length.
        found: usize,
        /// The first row's length.
        expected: usize,
    },
    /// A text is longer than the control takes.
    TooLong {
        /// Its characters.
        found: usize,
        /// The most it may have.
        max: usize,
    },
    /// A matrix is larger than the control takes.
    TooLarge {
        /// Its rows and columns.
        found: (usize, usize),
        /// The most it may have.
        max: (usize, usize),
    },
}

/// Reads one real number; a true minus sign is a minus. NaN and infinity are refused.
pub fn parse_real(text: &str) -> Result<f32, ValueError> {
    let plain = text.trim().replace('−', "-");
    if plain.is_empty() {
        return Err(ValueError::Empty);
    }
    let value = decimal(&plain).ok_or_else(|| ValueError::NotANumber(shorten(text)))? as f32;
    if value.is_finite() { Ok(value) } else { Err(ValueError::NotFinite) }
}

/// Reads one whole number. `3.0` is one, `3.5` is not.
pub fn parse_whole(text: &str) -> Result<i64, ValueError> {
    let plain = text.trim().replace('−', "-");
    if plain.is_empty() {
        return Err(ValueError::Empty);
    }
    if let Ok(value) = plain.parse::<i64>() {
        return Ok(value);
    }
    match decimal(&plain) {
        Some(v) if v == v.trunc() && v.abs() < 1e15 => Ok(v as i64),
        Some(v) if v.is_nan() => Err(ValueError::NotFinite),
        Some(_) => Err(ValueError::NotWhole(shorten(text))),
        None => Err(ValueError::NotANumber(shorten(text))),
    }
}

/// The first characters of a text, for quoting in a sentence.
pub fn shorten(text: &str) -> String {
    let text = text.trim();
    if text.chars().count() <= 24 {
        text.into()
    } else {
        format!("{}…", text.chars().take(24).collect::<String>())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn matrices_come_from_links_python_and_spreadsheets() {
        let expected = Matrix::new(2, 2, vec![1.0, 0.0, -1.5, 2.0]);
        for text in ["1,0;-1.5,2", "[[1, 0], [-1.5, 2]]", "1\t0\n−1.5\t2\n", "[[1., 0.],\n [-1.5, 2.]]"] {
            assert_eq!(Matrix::parse(text).ok(), expected, "{text}");
        }
        assert_eq!(Matrix::parse("1,2;3"), Err(ValueError::Ragged { row: 2, found: 1, expected: 2 }));
        assert_eq!(Matrix::parse("1,NaN"), Err(ValueError::NotFinite));
        assert_eq!(Matrix::parse(" ; "), Err(ValueError::Empty));
    }

    #[test]
    fn every_f32_survives_a_link() {
        let m = Matrix::from_fn(3, 4, |r, c| ((r * 7 + c) as f32).sin() * 1e-3);
        assert_eq!(Matrix::parse(&m.to_string()), Ok(m));
    }

    #[test]
    fn resizing_keeps_the_centre() {
        let m = Matrix::from_fn(3, 3, |r, c| (r * 3 + c) as f32);
        assert_eq!(m.resized(5, 5).at(2, 2), 4.0);
        assert_eq!(m.resized(5, 5).resized(3, 3), m);
        assert_eq!(m.resized(1, 1).at(0, 0), 4.0);
    }

    #[test]
    fn whole_numbers_may_be_written_as_reals() {
        assert_eq!(parse_whole("3.0"), Ok(3));
        assert!(parse_whole("3.5").is_err());
        assert!(parse_whole("NaN").is_err());
        assert!(parse_whole("1e400").is_err());
    }
}
