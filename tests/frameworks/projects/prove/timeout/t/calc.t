use strict;
use warnings;
use Test::More tests => 2;

ok 1, 'adds';
sleep 600;
ok 1, 'hangs';
