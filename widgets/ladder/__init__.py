"""The depth ladder: prices in rows, what is bid and asked at each, and one's own orders among them.

rungs.py says what stands in each row, queue.py how much is ahead of an order; view.py draws and
takes the mouse and keys; widgets/panels/ladder.py is the panel.
"""
