"""Speed and memory, beside what the machine can do at best and beside task-spooler.

`python -m bench`, which is `make bench`, prints one table for each question. What is compared is
measured in turns (A, B, A, B…), so that a busy machine slows down both.
"""
