from books.views import late_loans
from django.urls import path

urlpatterns = [path("late/", late_loans)]
