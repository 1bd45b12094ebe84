"""What a person draws on a chart: lines, levels, shapes, words, kept in time and price.

A drawing is a value (`model`). A tool (`tools`) turns its anchors into shapes in pixels over a
`Ground`, so a drawing stands at the same times and prices whatever bars are shown. The book is the
sole writer of drawings, the shelf keeps them on disk, the layer draws them and takes the mouse.

May import: `widgets.plot`, `widgets.theme`, `widgets.text`, `widgets.dialogs`, the domain. Not: the
desk, panels.
"""
