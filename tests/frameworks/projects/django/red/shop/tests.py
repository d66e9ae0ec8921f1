from django.test import TestCase

from shop.models import Item


class ItemTest(TestCase):
    def test_price(self):
        Item.objects.create(name="pen", cents=120)
        self.assertEqual(Item.objects.get(name="pen").cents, 121)

    def test_price_is_forgotten(self):
        self.assertFalse(Item.objects.exists())

    def test_sums(self):
        for cents in (1, 2):
            with self.subTest(cents=cents):
                self.assertEqual(cents, 1)


class PageTest(TestCase):
    def test_home(self):
        Item.objects.get(name="nobody")


class BrokenTest(TestCase):
    @classmethod
    def setUpTestData(cls):
        raise RuntimeError("no data")

    def test_never_runs(self):
        self.fail()
