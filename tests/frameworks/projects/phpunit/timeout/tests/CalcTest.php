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

    public function testHangs(): void
    {
        while (true) {
            sleep(60);
        }
    }
}
