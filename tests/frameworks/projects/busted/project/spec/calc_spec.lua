local calc = require 'calc'

describe('calc', function()
  it('adds', function() assert.are.equal(4, calc.add(2, 2)) end)
  it('subtracts', function() assert.are.equal(1, calc.subtract(3, 2)) end)
  pending('divides')
end)
