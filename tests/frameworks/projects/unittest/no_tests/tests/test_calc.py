import unittest

from calc import add


class AddTest(unittest.TestCase):
    def check_add(self):
        self.assertEqual(add(1, 2), 3)
