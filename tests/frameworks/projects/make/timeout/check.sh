echo 1..2
echo "ok 1 - adds"
sleep 600
