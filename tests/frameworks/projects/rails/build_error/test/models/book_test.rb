require "test_helper"

class BookTest < ActiveSupport::TestCase
  test "has a title" do
    assert Book.new(title: "Emma").valid?
  end
