echo 1..2
[ "$(sh calc.sh + 2 2)" = 4 ] && echo "ok 1 - adds" || { echo "not ok 1 - adds"; red=1; }
[ "$(sh calc.sh - 3 2)" = 1 ] && echo "ok 2 - subtracts" || { echo "not ok 2 - subtracts"; red=1; }
exit ${red:-0}
