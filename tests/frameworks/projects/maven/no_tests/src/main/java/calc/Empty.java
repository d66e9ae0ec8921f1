package calc;

class Empty {}
