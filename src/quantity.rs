//! Kubernetes' way to write a number.
//!
//! In: `1234n`, `0.5`, `64Mi`. Out: billionths. Never: rounds up.

/// Billionths in one.
pub const NANOS_PER_UNIT: u128 = 1_000_000_000;

/// Billionths of a quantity, if it is one that is not negative and not absurd.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub fn nanos(text: &str) -> Option<u128> {
    let end = text
        .find(|c: char| !(c.is_ascii_digit() || c == '.'))
        .unwrap_or(text.len());
    let (number, suffix) = text.split_at(end);
    let (whole, fraction) = number.split_once('.').unwrap_or((number, ""));
    if whole.is_empty() && fraction.is_empty() {
        return None;
    }
    // Nine places are a billionth; the API has none beyond.
    let digits: String = fraction
        .chars()
        .chain("000000000".chars())
        .take(9)
        .collect();
    let whole: u128 = if whole.is_empty() {
        0
    } else {
        whole.parse().ok()?
    };
    let number = whole
        .checked_mul(NANOS_PER_UNIT)?
        .checked_add(digits.parse().ok()?)?;
    let (factor, divisor) = scale(suffix)?;
    Some(number.checked_mul(factor)? / divisor)
}

/// The same in whole units: bytes of `64Mi`.
pub fn bytes(text: &str) -> Option<u64> {
    u64::try_from(nanos(text)? / NANOS_PER_UNIT).ok()
}

/// What a suffix multiplies with and divides by.
fn scale(suffix: &str) -> Option<(u128, u128)> {
    let binary = ["Ki", "Mi", "Gi", "Ti", "Pi", "Ei"];
    if let Some(index) = binary.iter().position(|known| *known == suffix) {
        return Some((1024_u128.pow(u32::try_from(index).ok()? + 1), 1));
    }
    let exponent = match suffix {
        "n" => -9,
        "u" => -6,
        "m" => -3,
        "" => 0,
        "k" => 3,
        "M" => 6,
        "G" => 9,
        "T" => 12,
        "P" => 15,
        "E" => 18,
        _ => suffix.strip_prefix(['e', 'E'])?.parse::<i32>().ok()?,
    };
    let power = 10_u128.checked_pow(exponent.unsigned_abs())?;
    Some(if exponent < 0 { (1, power) } else { (power, 1) })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_writes_them() {
        for (text, expected) in [
            ("0", 0),
            ("1", 1_000_000_000),
            ("1234n", 1_234),
            ("15u", 15_000),
            ("250m", 250_000_000),
            ("0.5", 500_000_000),
            (".5", 500_000_000),
            ("2k", 2_000_000_000_000),
            ("64Mi", 67_108_864_000_000_000),
            ("1.5Gi", 1_610_612_736_000_000_000),
            ("1e3", 1_000_000_000_000),
            ("1E-3", 1_000_000),
            ("1E", 1_000_000_000_000_000_000_000_000_000),
        ] {
            assert_eq!(nanos(text), Some(expected), "{text}");
        }
        assert_eq!(bytes("1.5Gi"), Some(1_610_612_736));
        assert_eq!(bytes("100E"), None);
        for text in [
            "",
            ".",
            "m",
            "-1",
            "+1",
            "1.2.3",
            "1x",
            "1 Mi",
            "99999999999999999999999999999999999999Ei",
            "1e99",
        ] {
            assert_eq!(nanos(text), None, "{text}");
        }
    }
}
