"""Alerts: what is watched for a person, and what is done when it comes to be.

The desk calls it; it reads the market, the books and the account, and gives orders only by way of
the desk's own verbs. Always true: a condition is told once when it comes to hold, never again while
it goes on holding; what came to be while the station was not there is said to have been missed.
"""
