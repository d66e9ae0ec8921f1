#[test]
fn adds_from_outside() {
    assert_eq!(calc::add(2, -2), 0);
}
