module Calc
  def self.add(one, other)
    one + other
  end
end
