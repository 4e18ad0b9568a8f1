//! Amounts as they are typed: a plain number that is not nothing, with a unit.

use crate::error::{Failure, Kind};

/// Reads a CPU quantity: `2`, `0.5`, `500m`.
/// <https://kubernetes.io/docs/reference/kubernetes-api/common-definitions/quantity/>
pub(super) fn parse_millicores(flag: &str, text: &str) -> Result<u64, Failure> {
    let milli = match text.strip_suffix('m') {
        Some(number) => number.parse::<u64>().ok(),
        None => thousandths(text),
    };
    milli
        .filter(|value| *value > 0)
        .ok_or_else(|| not_a_quantity(flag, text, "`500m` or `2`"))
}

/// Reads a memory quantity in MiB, rounded up: `512Mi`, `2Gi`, `1G`, `1073741824`.
pub(super) fn parse_mebibytes(flag: &str, text: &str) -> Result<u64, Failure> {
    Ok(parse_bytes(flag, text)?.div_ceil(1 << 20))
}

pub(super) fn parse_bytes(flag: &str, text: &str) -> Result<u64, Failure> {
    const UNITS: [(&str, u64); 10] = [
        ("Ki", 1 << 10),
        ("Mi", 1 << 20),
        ("Gi", 1 << 30),
        ("Ti", 1 << 40),
        ("k", 1_000),
        ("M", 1_000_000),
        ("G", 1_000_000_000),
        ("T", 1_000_000_000_000),
        ("Pi", 1 << 50),
        ("P", 1_000_000_000_000_000),
    ];
    let (number, unit) = UNITS
        .iter()
        .find_map(|(suffix, unit)| Some((text.strip_suffix(suffix)?, *unit)))
        .unwrap_or((text, 1));
    thousandths(number)
        .and_then(|value| u128::from(value).checked_mul(u128::from(unit)))
        .map(|value| value / 1_000)
        .and_then(|value| u64::try_from(value).ok())
        .filter(|value| *value > 0)
        .ok_or_else(|| not_a_quantity(flag, text, "`512Mi` or `2Gi`"))
}

/// Reads a plain decimal number with at most three decimals, in thousandths.
fn thousandths(text: &str) -> Option<u64> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |part: &str| !part.is_empty() && part.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole) || !digits(fraction) || fraction.len() > 3 {
        return None;
    }
    let fraction: u64 = format!("{fraction:0<3}").parse().ok()?;
    whole
        .parse::<u64>()
        .ok()?
        .checked_mul(1_000)?
        .checked_add(fraction)
}

fn not_a_quantity(flag: &str, text: &str, example: &str) -> Failure {
    Failure::new(
        Kind::Usage,
        format!("`{flag} {text}` is not a quantity such as {example}"),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quantities_are_read_as_kubernetes_reads_them() {
        let cpu = |text| parse_millicores("--cpu", text).ok();
        assert_eq!(cpu("500m"), Some(500));
        assert_eq!(cpu("2"), Some(2_000));
        assert_eq!(cpu("0.5"), Some(500));
        assert_eq!(cpu("1.25"), Some(1_250));
        for bad in ["", "m", "0", "-1", "1.2345", "1e3", "x", "500 m", "."] {
            assert_eq!(cpu(bad), None, "{bad:?}");
        }
        let memory = |text| parse_mebibytes("--memory", text).ok();
        assert_eq!(memory("512Mi"), Some(512));
        assert_eq!(memory("2Gi"), Some(2_048));
        assert_eq!(memory("1.5Gi"), Some(1_536));
        assert_eq!(memory("1G"), Some(954));
        assert_eq!(memory("1073741824"), Some(1_024));
        for bad in ["", "Mi", "0", "-1Gi", "1 Gi", "99999999999Ti", "1MiB"] {
            assert_eq!(memory(bad), None, "{bad:?}");
        }
    }
}
