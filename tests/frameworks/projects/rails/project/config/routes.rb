Rails.application.routes.draw do
  get "/books/count", to: "books#count"
end
