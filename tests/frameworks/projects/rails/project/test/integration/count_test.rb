require "test_helper"

class CountTest < ActionDispatch::IntegrationTest
  test "counts the books" do
    Book.create!(title: "Emma")
    get "/books/count"
    assert_equal "1", response.body
  end
end
