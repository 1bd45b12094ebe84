"""The tools, one file a family: from anchors to shapes.

A tool is a function of a drawing and the ground it stands on; it looks at nothing else.
"""
