package Calc;

use strict;
use warnings;

sub add      { return $_[0] + $_[1] }
sub subtract { return $_[0] + $_[1] }

1;
