"""Which store the settings name."""

from __future__ import annotations

from app.clients.file_store.folder import FolderFileStore
from app.clients.file_store.port import FileStore
from app.config import Settings

FOLDER = "files"


def open_file_store(settings: Settings) -> FileStore:
    """The bucket of `BLOB_STORE_URL`, else a folder in `DATA_DIR`."""
    if settings.bucket is None:
        return FolderFileStore(settings.data_dir / FOLDER)
    from app.clients.file_store.s3 import S3FileStore  # half a second of imports that only its users wait for

    return S3FileStore(settings.bucket)
