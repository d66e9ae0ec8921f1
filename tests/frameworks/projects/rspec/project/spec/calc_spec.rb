require "calc"
require_relative "shared"

RSpec.describe Calc do
  it "adds" do
    expect(Calc.add(2, 2)).to eq 4
  end

  describe ".add" do
    subject { Calc.add(2, -2) }

    it { is_expected.to eq 0 }
    it_behaves_like "a sum", 2
    xit "is fast"
  end
end
