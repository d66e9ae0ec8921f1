/// Adds.
///
/// ```
/// assert_eq!(calc::add(1, 2), 3);
/// ```
pub fn add(a: i32, b: i32) -> i32 {
    a + b
}

#[cfg(test)]
mod tests {
    #[test]
    fn adds() {
        assert_eq!(super::add(1, 2), 3);
    }

    #[test]
    #[should_panic(expected = "overflow")]
    fn overflows() {
        super::add(i32::MAX, std::hint::black_box(1));
    }

    #[test]
    #[ignore = "slow"]
    fn waits() {}
}
