<?php

namespace Shop;

final class Calc
{
    public static function add(int $one, int $other): int
    {
        return $one + $other;
    }
}
