//! Numbers as the Romans wrote them.

const NUMERALS: [(u16, &str); 13] = [
    (1000, "M"),
    (900, "CM"),
    (500, "D"),
    (400, "CD"),
    (100, "C"),
    (90, "XC"),
    (50, "L"),
    (40, "XL"),
    (10, "X"),
    (9, "IX"),
    (5, "V"),
    (4, "IV"),
    (1, "I"),
];

/// Writes a number from 1 to 3999; there is no numeral for any other.
pub fn to_roman(number: u16) -> Option<String> {
    if !(1..=3999).contains(&number) {
        return None;
    }
    let mut rest = number;
    let mut roman = String::new();
    for (value, numeral) in NUMERALS {
        while rest >= value {
            roman.push_str(numeral);
            rest -= value;
        }
    }
    Some(roman)
}

#[cfg(test)]
mod tests {
    use super::to_roman;

    #[test]
    fn units_repeat() {
        assert_eq!(to_roman(3).as_deref(), Some("III"));
    }

    #[test]
    fn four_is_written_by_subtraction() {
        assert_eq!(to_roman(4).as_deref(), Some("IV"));
    }

    #[test]
    fn there_is_no_zero() {
        assert_eq!(to_roman(0), None);
    }
}
