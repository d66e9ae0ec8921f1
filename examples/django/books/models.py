from datetime import date, timedelta

from django.db import models

LOAN_DAYS = 14


class Book(models.Model):
    title = models.CharField(max_length=200)

    def __str__(self) -> str:
        return self.title


class LoanQuerySet(models.QuerySet):
    def late(self, today: date) -> "LoanQuerySet":
        return self.filter(since__lt=today - timedelta(days=LOAN_DAYS))


class Loan(models.Model):
    book = models.OneToOneField(Book, on_delete=models.CASCADE)
    reader = models.CharField(max_length=100)
    since = models.DateField()

    objects = LoanQuerySet.as_manager()

    class Meta:
        ordering = ["since"]

    def __str__(self) -> str:
        return f"{self.book} to {self.reader}"
