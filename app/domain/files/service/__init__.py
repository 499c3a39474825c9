"""What changes the kept files."""

from __future__ import annotations

from app.domain.files.service.keeping import FILES, keep_due_files
from app.domain.files.service.letting_go import let_files_go
from app.domain.files.service.quarantine import bar_file, quarantine_attachment, release_file, unbar_file

__all__ = [
    "FILES",
    "bar_file",
    "keep_due_files",
    "let_files_go",
    "quarantine_attachment",
    "release_file",
    "unbar_file",
]
