package calc;

class CalcTest {}
