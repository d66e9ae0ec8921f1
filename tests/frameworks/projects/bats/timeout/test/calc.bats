@test "adds" {
  [ "$(sh calc.sh + 2 2)" -eq 4 ]
}

@test "hangs" {
  sleep 600
}
