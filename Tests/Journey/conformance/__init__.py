"""The requests and answers that the five requirement documents print, as tables; driven by test_conformance.py."""
