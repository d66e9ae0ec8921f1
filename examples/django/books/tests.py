from datetime import date

from django.db import IntegrityError
from django.test import TestCase

from books.models import Book, Loan


class LoanTest(TestCase):
    def setUp(self):
        self.book = Book.objects.create(title="Momo")
        self.loan = Loan.objects.create(book=self.book, reader="Gigi", since=date(2024, 5, 1))

    def test_a_loan_says_who_has_what(self):
        self.assertEqual(str(self.loan), "Momo to Gigi")

    def test_a_loan_is_not_late_on_its_last_day(self):
        self.assertFalse(Loan.objects.late(date(2024, 5, 15)).exists())

    def test_a_loan_is_late_after_two_weeks(self):
        self.assertIn(self.loan, Loan.objects.late(date(2024, 5, 16)))

    def test_a_book_is_lent_once(self):
        with self.assertRaises(IntegrityError):
            Loan.objects.create(book=self.book, reader="Beppo", since=date(2024, 5, 2))


class LateLoansViewTest(TestCase):
    def test_nothing_is_late_in_an_empty_library(self):
        response = self.client.get("/late/", {"on": "2024-05-20"})
        self.assertEqual(response.json(), {"late": []})
