"""Runs inside the component: compiles one source file with the CPython that Lambda runs."""

import importlib.util
from importlib._bootstrap_external import _code_to_hash_pyc  # what py_compile itself calls

import wit_world


class WitWorld(wit_world.WitWorld):
    def compile_source(self, name: str, source: str) -> bytes:
        """Return an unchecked hash-based .pyc (PEP 552): it holds no time, and nothing is read to check it."""
        code = compile(source, name, "exec", dont_inherit=True)
        return bytes(_code_to_hash_pyc(code, importlib.util.source_hash(source.encode()), False))
