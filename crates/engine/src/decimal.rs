//! Floats in texts. The language's own printing would be 15 kilobytes of a module.

use std::fmt;

/// Prints with the fewest digits that give the same float again: `0.001`, `1.5e-7`.
pub struct Decimal(pub f32);

/// So many digits tell any two floats apart.
const MOST_DIGITS: i32 = 9;

impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter) -> fmt::Result {
        let size = self.0.abs();
        f.write_str(if self.0.is_sign_negative() && !size.is_nan() { "-" } else { "" })?;
        match size {
            0.0 => return f.write_str("0"),
            f32::INFINITY => return f.write_str("inf"),
            _ if size.is_nan() => return f.write_str("NaN"),
            _ => {}
        }
        let (digits, exponent, count) = shortest(size);
        match exponent {
            -5..0 => write!(f, "0.{digits:0width$}", width = (count - 1 - exponent) as usize),
            0..9 if exponent >= count - 1 => write!(f, "{}", digits * ten_to(exponent - count + 1) as u64),
            0..9 => with_point(f, digits, count - 1 - exponent),
            _ => {
                with_point(f, digits, count - 1)?;
                write!(f, "e{exponent}")
            }
        }
    }
}

/// `digits` with a point before the last `places`.
fn with_point(f: &mut fmt::Formatter, digits: u64, places: i32) -> fmt::Result {
    let unit = ten_to(places) as u64;
    match places {
        0 => write!(f, "{digits}"),
        _ => write!(f, "{}.{:0width$}", digits / unit, digits % unit, width = places as usize),
    }
}

/// x > 0 as d.ddd * 10^exponent: its digits as a number, the exponent, and the count of digits.
fn shortest(x: f32) -> (u64, i32, i32) {
    let x_wide = f64::from(x);
    let mut exponent = 0;
    while x_wide >= scaled(1.0, exponent + 1) {
        exponent += 1;
    }
    while x_wide < scaled(1.0, exponent) {
        exponent -= 1;
    }
    let digits = |count: i32| (scaled(x_wide, count - 1 - exponent) + 0.5) as u64;
    let gives_x = |count: &i32| scaled(digits(*count) as f64, exponent + 1 - count) as f32 == x;
    let count = (1..MOST_DIGITS).find(gives_x).unwrap_or(MOST_DIGITS);
    match digits(count) {
        // 9.9996 rounds to 10.
        carried if carried as f64 >= ten_to(count) => (1, exponent + 1, 1),
        digits => (digits, exponent, count),
    }
}

/// x * 10^n
fn scaled(x: f64, n: i32) -> f64 {
    if n < 0 { x / ten_to(-n) } else { x * ten_to(n) }
}

fn ten_to(n: i32) -> f64 {
    (0..n).fold(1.0, |power, _| power * 10.0)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn floats_print_as_people_write_them() {
        let texts = [
            (0.0, "0"),
            (-0.0, "-0"),
            (1.0, "1"),
            (-2.5, "-2.5"),
            (0.1, "0.1"),
            (0.001, "0.001"),
            (123456.0, "123456"),
            (123456.79, "123456.79"),
            (16777216.0, "16777216"),
            (1e9, "1e9"),
            (1e-7, "1e-7"),
            (1.5e-7, "1.5e-7"),
            (0.00012, "0.00012"),
            (9.9999, "9.9999"),
            (f32::MAX, "3.4028235e38"),
            (f32::MIN_POSITIVE, "1.1754944e-38"),
            (1e-45, "1e-45"),
            (f32::INFINITY, "inf"),
            (f32::NEG_INFINITY, "-inf"),
            (f32::NAN, "NaN"),
        ];
        for (x, text) in texts {
            assert_eq!(Decimal(x).to_string(), text);
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// The language's own shortest digits judge these.
        #[test]
        fn a_text_gives_the_float_again_and_is_shortest(bits in any::<u32>()) {
            let x = f32::from_bits(bits);
            prop_assume!(x.is_finite());
            let text = Decimal(x).to_string();
            prop_assert_eq!(text.parse::<f32>().unwrap().to_bits(), bits, "{}", text);
            let digits = |text: &str| {
                let mantissa = text.split('e').next().unwrap().replace(['.', '-'], "");
                mantissa.trim_matches('0').len()
            };
            prop_assert_eq!(digits(&text), digits(&format!("{x:e}")), "{}", text);
        }
    }
}
