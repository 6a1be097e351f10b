"""The page "Try it in the browser": Python for browsers, the wheel, and what runs in it.

``python -m docs.browser SITE`` adds them to a site that ``mkdocs build`` wrote.
"""
