use roman::to_roman;

#[test]
fn a_year_has_all_the_digits() {
    assert_eq!(to_roman(1987).as_deref(), Some("MCMLXXXVII"));
}

#[test]
fn four_thousand_is_too_much() {
    assert_eq!(to_roman(4000), None);
}
