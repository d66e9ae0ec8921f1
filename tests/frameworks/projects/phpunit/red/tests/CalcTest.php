<?php

namespace Shop\Tests;

use PHPUnit\Framework\TestCase;
use Shop\Calc;

require_once __DIR__ . "/../src/Calc.php";

final class CalcTest extends TestCase
{
    public function testAdds(): void
    {
        self::assertSame(4, Calc::add(2, 2));
    }

    /** @dataProvider sums */
    public function testSums(int $one, int $sum): void
    {
        self::assertSame($sum, Calc::add($one, 1));
    }

    public static function sums(): array
    {
        return ["a 'small' one" => [1, 3], [2, 3], [4, 4]];
    }

    public function testThrows(): void
    {
        throw new \RuntimeException("boom");
    }

    public function testSaysNothing(): void
    {
    }
}
