local calc = {}

function calc.add(a, b) return a + b end
function calc.subtract(a, b) return a - end

return calc
