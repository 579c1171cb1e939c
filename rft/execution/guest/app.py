"""Runs inside the component: calls one function of one program with one input.

The component has no file system, so what is not imported while it is built cannot be imported by a program
either. Nothing of this file is trusted by the host: a program may change all of it.
"""

import json
import sys
import types
from importlib import import_module

import wit_world
from modules import MODULES

for name in MODULES:
    import_module(name)


class WitWorld(wit_world.WitWorld):
    def call(self, request: str) -> str:
        asked = json.loads(request)
        module = types.ModuleType("solution")
        sys.modules["solution"] = module  # dataclasses look their module up
        try:
            exec(compile(asked["code"], "solution", "exec"), module.__dict__)
            value = getattr(module, asked["entry_point"])(*asked["args"], **asked["kwargs"])
            return json.dumps({"value": value})
        except BaseException as error:
            return json.dumps({"error": type(error).__name__})
