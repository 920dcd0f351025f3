"""Argument types that say what a text stands for, so that planners can fill it in and people read the schema.

    @tool(effect="pure")
    def count(path: WorkspacePath, column: Column = "") -> int: ...

In JSON Schema these are `format`s. A planner offers files for `workspace-path`, the columns of the file in the argument
`path` for `column`, dates for `date`. Any plugin may use further formats; planners pass over those they do not know.
"""

from typing import Annotated, TypeAlias

from msgspec import Meta

WorkspacePath: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "workspace-path"})]
"""A file of the workspace that exists."""
WorkspaceFolder: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "workspace-folder"})]
"""A folder of the workspace that exists; `.` is the workspace itself."""
NewPath: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "new-path"})]
"""A file to be written; its folders need not exist."""
Column: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "column"})]
"""A column of the table in the argument `path`, or in another one: `Annotated[Column, of("other")]`."""
Span: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "span"})]
"""A stretch of the goal's own words, such as what to look for."""
Date: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "date"})]
"""A calendar day as text, YYYY-MM-DD, for tools that parse it themselves; `datetime.date` arrives parsed."""
Unit: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "unit"})]
"""A unit of measure, like `km/h`."""
Expression: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "expression"})]
"""Arithmetic over the goal's numbers, such as `7 * 18.35 * (1 - 12%)`."""
Sql: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "sql"})]
"""A query in SQL; planners that cannot write it leave the tool alone."""

Url: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "uri"})]
"""An address of the web."""
TextPath: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "text-path"})]
"""A text file of the workspace, where no other kind of file makes sense."""
ArchivePath: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "archive-path"})]
"""A zip or tar file of the workspace."""
Passage: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "passage"})]
"""Text as it stands in a file; planners that cannot quote one leave the tool alone."""
WrittenPath: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "written-path"})]
"""A file that was written before in this conversation; planners that do not know of any leave the tool alone."""
Program: TypeAlias = Annotated[str, Meta(extra_json_schema={"format": "program"})]
"""A program, to be written for the purpose; planners that cannot write one leave the tool alone."""


def of(argument: str) -> Meta:
    """Name the argument that holds the table of a Column."""
    return Meta(extra_json_schema={"x-of": argument})
