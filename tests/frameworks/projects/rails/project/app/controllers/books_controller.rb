class BooksController < ActionController::Base
  def count
    render plain: Book.count
  end
end
