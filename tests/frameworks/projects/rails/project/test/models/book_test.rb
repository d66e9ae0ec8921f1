require "test_helper"

class BookTest < ActiveSupport::TestCase
  test "has a title" do
    assert Book.new(title: "Emma").valid?
  end

  test "needs a title" do
    assert_not Book.new.valid?
  end
end
