"""What a chart shows and how it is handled: bars of a kind, studies, orders, grids of charts.

One cell is one chart: it pulls bars, studies and what the account has in a symbol from the desk
and gives them to its view as values. How they are drawn is the matter of `widgets.plot`.

May import: `widgets.plot`, `widgets.theme`, `widgets.text`, `widgets.dialogs`, the desk, plug-ins,
studies, the domain. Not: panels.
"""
