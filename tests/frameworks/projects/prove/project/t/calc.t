use strict;
use warnings;
use Test::More tests => 3;
use Calc;

is Calc::add( 2, 2 ), 4, 'adds';
is Calc::subtract( 3, 2 ), 1, 'subtracts';
SKIP: { skip 'not today', 1 }
