"""Standard library modules that programs may import; loaded beforehand, as a program has no files to load from."""

MODULES = tuple(
    """
    abc array base64 binascii bisect calendar cmath collections collections.abc colorsys copy csv dataclasses
    datetime decimal difflib enum fractions functools graphlib hashlib heapq inspect io itertools json keyword
    math numbers operator pprint random re secrets statistics string struct textwrap time timeit traceback types
    typing unicodedata uuid zlib
    """.split()
)
