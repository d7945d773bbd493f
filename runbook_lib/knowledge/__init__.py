"""
Data with a date and a source: regions, platforms, replies, texts. Loaders and nothing more.
"""
