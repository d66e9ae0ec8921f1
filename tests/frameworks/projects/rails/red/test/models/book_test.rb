require "test_helper"

class BookTest < ActiveSupport::TestCase
  test "has a title" do
    assert Book.new(title: "Emma").valid?
  end

  test "needs no title" do
    assert Book.new.valid?, "a book without a title"
  end

  test "is found" do
    Book.find(42)
  end
end
