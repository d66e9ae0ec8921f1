describe('calc', function() end)
