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
        return ["a 'small' one" => [1, 2], [2, 3]];
    }

    public function testDivides(): void
    {
        self::markTestSkipped("not yet");
    }
}
