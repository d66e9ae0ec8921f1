require "test_helper"

class BookTest < ActiveSupport::TestCase
  self.test_order = :sorted

  test "a book has a title" do
    assert Book.new(title: "Emma").valid?
  end

  test "reads for ever" do
    sleep
  end
end
