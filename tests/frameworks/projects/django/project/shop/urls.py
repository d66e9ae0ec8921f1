from django.http import HttpRequest, HttpResponse
from django.urls import path

from shop.models import Item


def home(request: HttpRequest) -> HttpResponse:
    return HttpResponse(f"{Item.objects.count()} items")


urlpatterns = [path("", home)]
