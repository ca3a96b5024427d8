"""What is measured: suites, tasks, protocols, reference scores, environment adapters.

Importing this package loads neither torch nor a simulator
(tests/test_imports.py holds that).
"""
