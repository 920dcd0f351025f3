"""Run as a program of its own: `python -I checking_child.py FOLDER` judges one question with bfcl-eval's own AST checker.

stdin: {"category", "functions", "calls", "truth"}; stdout: {"valid", "error"}. The checker wants to know only one thing of the
models that bfcl-eval knows, whether dots in names were replaced, and to say so it would import every vendor's SDK: none were.
"""

import json
import sys
import types
from collections import defaultdict


def main() -> None:
    sys.path.insert(0, sys.argv[1])
    config = types.ModuleType("bfcl_eval.constants.model_config")
    config.MODEL_CONFIG_MAPPING = defaultdict(lambda: types.SimpleNamespace(underscore_to_dot=False))  # type: ignore[attr-defined]
    sys.modules[config.__name__] = config
    from bfcl_eval.constants.enums import Language
    from bfcl_eval.eval_checker.ast_eval.ast_checker import ast_checker

    asked = json.load(sys.stdin)
    calls = [{name: arguments} for name, arguments in asked["calls"]]
    said = ast_checker(asked["functions"], calls, asked["truth"], Language.PYTHON, asked["category"], "any")
    json.dump({"valid": bool(said["valid"]), "error": str(said["error"])}, sys.stdout)


if __name__ == "__main__":
    main()
