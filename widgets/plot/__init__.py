"""What charts are drawn with: layers in a pyqtgraph view, numbers in numpy columns.

Purpose: draw bars, volume, axes, orders and the crosshair from columns.
Called by: the chart panel.
May import: numpy, pyqtgraph, `widgets.theme`, `widgets.text`, the domain.
Invariant: no loop over bars in Python; every colour is opaque; whole pixels, one call a colour.
"""
