"""What is handed out: packs that anybody can verify without this program, as a folder or a .zip."""

from cli.packs.pack import Pack, as_json
from cli.packs.target import Target, as_trouble, folder_or_zip

__all__ = ["Pack", "Target", "as_json", "as_trouble", "folder_or_zip"]
