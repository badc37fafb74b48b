"""Airtable's formulas, as far as filters need them; what is not known here is refused aloud."""

from dsr_sandbox.airtable.formula.compiler import Program, UnknownNamesError, compile_formula, keeps
from dsr_sandbox.airtable.formula.parser import FormulaSyntaxError
from dsr_sandbox.airtable.formula.values import CellError, Value

__all__ = ["CellError", "FormulaSyntaxError", "Program", "UnknownNamesError", "Value", "compile_formula", "keeps"]
