# The tests of a very small project. Ends with 1 when one of them fails.
. ./add.sh
failed=0

check() {
  if [ "$2" = "$3" ]; then
    echo "ok $1"
  else
    echo "not ok $1: $2 is not $3"
    failed=1
  fi
}

check 'two numbers' "$(add 2 3)" 5
check 'a negative one' "$(add 2 -3)" -1
exit $failed
