@test "adds" {
  if [ 1 -eq 1 ]
}
