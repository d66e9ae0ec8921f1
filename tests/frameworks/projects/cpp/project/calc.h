inline int add(int a, int b) { return a + b; }
inline int subtract(int a, int b) { return a - b; }
