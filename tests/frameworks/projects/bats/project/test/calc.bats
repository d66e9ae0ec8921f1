@test "adds" {
  [ "$(sh calc.sh + 2 2)" -eq 4 ]
}

@test "subtracts" {
  [ "$(sh calc.sh - 3 2)" -eq 1 ]
}

@test "divides" {
  skip "not today"
}
