"""Class 1: transformers, patched IPython, events."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.attacks.case import (
    Attack,
    top,
)


def attacks() -> Iterator[Attack]:
    yield top(1, "an AST transformer that blanks asserts and calls of checks", """
        import ast
        class Blank(ast.NodeTransformer):
            def visit_Assert(self, node): return ast.Pass()
            def visit_Expr(self, node): return ast.Pass()
            def visit_Raise(self, node): return ast.Pass()
        get_ipython().ast_transformers.append(Blank())
    """, low=0)  # fmt: skip
    yield top(1, "an input transformer that empties cells with checks", """
        def blank(lines):
            return ['pass\\n'] if any('checks' in line or 'assert' in line for line in lines) else lines
        get_ipython().input_transformers_post.append(blank)
    """, low=0)  # fmt: skip
    yield top(1, "run_cell replaced", """
        shell = get_ipython()
        run = type(shell).run_cell
        def quiet(self, source, *a, **k):
            return run(self, 'pass' if 'checks.' in source or 'assert' in source else source, *a, **k)
        type(shell).run_cell = quiet
        type(shell).run_code = lambda self, *a, **k: False
    """, low=0)  # fmt: skip
    yield top(1, "events that change what was defined", """
        def after(*a):
            get_ipython().user_ns['pool2d'] = lambda *a, **k: type('A', (), {'__eq__': lambda s, o: True})()
        get_ipython().events.register('post_run_cell', after)
        get_ipython().events.register('pre_run_cell', after)
    """)  # fmt: skip
    yield top(1, "the handler of exceptions", """
        get_ipython().set_custom_exc((BaseException,), lambda *a, **k: None)
        import sys; sys.excepthook = lambda *a: None
    """)  # fmt: skip
    yield top(1, "magics that swallow cells", """
        shell = get_ipython()
        shell.input_transformer_manager.cleanup_transforms.insert(
            0, lambda lines: ['pass\\n'] if any('BEGIN' in line or 'hint=' in line for line in lines) else lines)
        shell.compile.ast_parse = lambda source, *a, **k: __import__('ast').parse('pass')
    """, low=0)  # fmt: skip
