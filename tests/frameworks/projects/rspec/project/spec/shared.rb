RSpec.shared_examples "a sum" do |expected|
  it "is a sum" do
    expect(Calc.add(1, 1)).to eq expected
  end
end
