require "calc"

RSpec.describe Calc do
  it("adds") { expect(Calc.add(2, 2)).to eq 4 }
  it("hangs") { sleep }
  it("comes later") { expect(1).to eq 1 }
end
