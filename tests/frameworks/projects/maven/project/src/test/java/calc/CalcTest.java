package calc;

import static org.junit.jupiter.api.Assertions.assertEquals;

import org.junit.jupiter.api.Disabled;
import org.junit.jupiter.api.Test;

class CalcTest {
    @Test void adds() { assertEquals(4, Calc.add(2, 2)); }
    @Test void subtracts() { assertEquals(1, Calc.subtract(3, 2)); }
    @Test @Disabled("not today") void divides() {}
}
