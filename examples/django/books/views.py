from datetime import date

from django.http import HttpRequest, JsonResponse

from books.models import Loan


def late_loans(request: HttpRequest) -> JsonResponse:
    """The loans that are late on `?on=YYYY-MM-DD`, the longest first."""
    on = date.fromisoformat(request.GET["on"])
    late = Loan.objects.late(on).select_related("book")
    return JsonResponse({"late": [str(loan) for loan in late]})
