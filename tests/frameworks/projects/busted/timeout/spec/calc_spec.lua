describe('calc', function()
  it('adds', function() assert.are.equal(4, 2 + 2) end)
  it('hangs', function() while true do end end)
end)
